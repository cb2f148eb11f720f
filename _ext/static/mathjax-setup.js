// Loads MathJax from this site once the page is parsed. window.MathJax must not exist before that: jupyterquiz
// runs while the page is parsed, and fetches a MathJax from elsewhere when it meets one that is half loaded.
{
  const elements = [...document.querySelectorAll(".math, .Quiz")];
  if (elements.length) {
    window.MathJax = {
      tex: { inlineMath: [["\\(", "\\)"], ["$", "$"]], processEscapes: true },
      options: { enableMenu: false },
      startup: { elements },
    };
    const script = document.createElement("script");
    script.src = new URL("mathjax/tex-chtml.js", document.currentScript.src).href;
    document.head.append(script);
  }
}
