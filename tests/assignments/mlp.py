"""Answers to assignment 1: wrong ones with what their check must say, and right ones that differ from the solution.

Each is a question, a part of its solution, and what stands in its place. An empty part is the whole solution.
"""

HIDDEN = "self.hidden = nn.Linear(xdim, hdim)"
OUTPUT = "self.output = nn.Linear(hdim, ydim)"
FORWARD = """h = F.relu(self.hidden(x))  # (batch, hdim)
        return self.output(h)  # (batch, ydim)"""
LAYERS = f"{HIDDEN}\n        {OUTPUT}"
CLASS = f"{LAYERS}\n\n    def forward(self, x):  # (batch, xdim)\n        {FORWARD}"
SEQUENTIAL = """self.layers = nn.Sequential(nn.Linear(xdim, hdim), nn.ReLU(), nn.Linear(hdim, ydim))

    def forward(self, x):
        return self.layers(x)"""
X = "images.view(-1, 28 * 28).to(device)"
HITS = "return (answers == labels).sum().item()"
BATCH_HITS = "hits += count_hits(predict(model, images), labels.to(device))"
SEEN = "        seen += len(images)\n"
COUNTED = f"        {BATCH_HITS}\n{SEEN}    return hits / seen"
LOSS = "return F.cross_entropy(logits, labels.to(device))"
ZERO, BACKWARD, STEP = "optimizer.zero_grad()", "loss.backward()", "optimizer.step()"
THREE = f"{ZERO}\n    {BACKWARD}\n    {STEP}"


def three(*lines: str) -> str:
    """Other lines in place of the three."""
    return "\n    ".join(lines)


WRONG = [
    ("q1", HIDDEN, "self.hidden = ...", r"`self.hidden` is still `...`"),
    ("q1", LAYERS, "pass", "no layer"),
    ("q1", HIDDEN, "self.hidden = nn.Linear(hdim, xdim)", "sizes of a layer are swapped"),
    ("q1", OUTPUT, "self.output = nn.Linear(ydim, hdim)", "sizes of a layer are swapped"),
    ("q1", HIDDEN, "self.hidden = nn.Linear(28 * 28, hdim)", "784 is written as a number"),
    ("q1", OUTPUT, "self.output = nn.Linear(hdim, 10)", "10 is written as a number"),
    ("q1", HIDDEN, "self.hidden = nn.Linear(xdim, xdim)", "first layer does not take xdim and give hdim"),
    ("q1", OUTPUT, "self.output = nn.Linear(xdim, ydim)", "second layer does not take hdim and give ydim"),
    ("q1", HIDDEN, "self.hidden = nn.Linear(xdim, hdim, bias=False)", "has no bias"),
    ("q1", OUTPUT, "self.output = nn.Linear(hdim, ydim, bias=False)", "has no bias"),
    ("q1", OUTPUT, f"{OUTPUT}\n        self.more = nn.Linear(ydim, ydim)", "more than two layers"),
    ("q1", LAYERS, "self.layers = [nn.Linear(xdim, hdim), nn.Linear(hdim, ydim)]", "plain Python list"),
    ("q1", "F.relu(self.hidden(x))", "self.hidden(x)", "no ReLU between the layers"),
    ("q1", "return self.output(h)", "return F.relu(self.output(h))", "after the last layer and cuts off"),
    ("q1", FORWARD, "return F.relu(self.output(self.hidden(x)))", "it belongs between the two"),
    ("q1", "F.relu(self.hidden(x))", "self.hidden(F.relu(x))", "applied to the input"),
    ("q1", "return self.output(h)", "return self.output(h).softmax(dim=1)", "softmax stands at the end"),
    ("q1", "return self.output(h)", "return F.log_softmax(self.output(h), dim=1)", "log-softmax stands at the end"),
    ("q1", "return self.output(h)", "return self.output(h).sigmoid()", "sigmoid stands at the end"),
    ("q1", "F.relu(self.hidden(x))", "torch.sigmoid(self.hidden(x))", "Between the layers stands a sigmoid"),
    ("q1", "F.relu(self.hidden(x))", "torch.tanh(self.hidden(x))", "Between the layers stands a tanh"),
    ("q1", "return self.output(h)", "self.output(h)", "`forward` returns nothing"),
    ("q1", "return self.output(h)", "return h", r"shape \(4, 5\); \(4, ydim\), here \(4, 3\)"),
    ("q1", "return self.output(h)", "return self.output", "returns a Linear; the logits, a tensor"),
    ("q1", FORWARD, "return self.hidden(F.relu(self.output(x)))", "stops with `RuntimeError: mat1.* in `forward`"),
    ("q1", "super().__init__()", "pass", r"stops with `AttributeError: .*Module.__init__.*` in `__init__`"),
    ("q2", X, "images.view(-1, 28 * 28)", "images stay on another device"),
    ("q2", X, "images.view(-1, 28 * 28); x.to(device)", "images stay on another device"),
    ("q2", X, 'images.view(-1, 28 * 28).to("cpu")', "images stay on another device"),
    ("q2", X, "images.view(-1, 28 * 28).cuda()", "cuda is named outright"),
    ("q2", X, 'images.view(-1, 28 * 28).to("cuda")', "cuda is named outright"),
    ("q2", X, "images.to(device)", "not rows"),
    ("q2", X, "images.to(device); x.view(-1, 28 * 28)", "not rows"),
    ("q2", X, "images.view(28 * 28, -1).to(device)", r"pixels lie along axis 0"),
    ("q2", X, "images.view(-1).to(device)", r"gets the shape \(4704,\)"),
    ("q2", X, "images.view(1, -1).to(device)", r"gets the shape \(1, 4704\)"),
    ("q2", X, "images.transpose(1, 2).reshape(-1, 28 * 28).to(device)", "pixels have been mixed up"),
    ("q2", X, f"{X} / 255", "pixels have been mixed up or changed"),
    ("q2", "return model(x)", "model(x)", "`predict` returns nothing"),
    ("q2", "return model(x)", "return x", "model is not called"),
    ("q2", "return model(x)", "return model(x).argmax(dim=1)", "return all ten logits"),
    ("q2", "return model(x)", "return model(x).softmax(dim=1)", "as they are, without a softmax"),
    ("q2", "return model(x)", "return model(x).tolist()", "returns a list"),
    ("q3", "argmax(dim=1)", "argmax(dim=0)", "`argmax` ran over axis 0, the images; the classes lie along axis 1"),
    ("q3", "argmax(dim=1)", "argmax()", "ran over all logits at once"),
    ("q3", "argmax(dim=1)", "argmin(dim=1)", "finds the smallest logit"),
    ("q3", "argmax(dim=1)", "max(dim=1).values", "it is their places that count"),
    ("q3", "argmax(dim=1)", "max(dim=1)", "stops with `AttributeError|returns a bool"),
    ("q3", HITS, "return (answers == labels).sum()", "returned a tensor, a plain number is wanted"),
    ("q3", HITS, "return answers == labels", "an entry for each image"),
    ("q3", HITS, "return (answers == labels).float().mean().item()", "share of hits is returned"),
    ("q3", HITS, "return (answers != labels).sum().item()", "misses are counted"),
    ("q3", HITS, "return len(answers == labels)", "images are counted, not the hits"),
    ("q3", HITS, "(answers == labels).sum().item()", "`count_hits` returns nothing"),
    ("q3", HITS, "return str((answers == labels).sum().item())", "returns a str"),
    ("q3", HITS, "return (answers == labels).sum().item() + 1", "8 of 12 answers are right"),
    ("q4", "labels.to(device)", "labels", "labels stay on another device than the logits"),
    ("q4", "labels.to(device)", "labels.cuda()", "cuda is named outright"),
    ("q4", COUNTED, f"        {BATCH_HITS}\n{SEEN}    return hits // seen", "`/` in place of `//`"),
    ("q4", COUNTED, f"        {BATCH_HITS}\n{SEEN}        return hits / seen", "`return` stands inside the loop"),
    ("q4", COUNTED, f"        {BATCH_HITS}\n{SEEN}    return hits", "number of hits is returned"),
    ("q4", COUNTED, f"        {BATCH_HITS}\n{SEEN}    hits / seen", "`accuracy` returns nothing"),
    ("q4", COUNTED, f"        {BATCH_HITS}\n{SEEN}    return 100 * hits / seen", "percentage"),
    ("q4", COUNTED, f"        {BATCH_HITS}\n{SEEN}    return 1 - hits / seen", "share of misses"),
    ("q4", COUNTED, f"        {BATCH_HITS}\n{SEEN}    return torch.tensor(hits / seen)", "returned a tensor"),
    ("q4", COUNTED, f"        {BATCH_HITS}\n{SEEN}    return hits / len(batches)", "divided by the number of batches"),
    ("q4", "hits += ", "hits = ", r"hits of the last batch alone .* `\+=`"),
    ("q4", "seen += ", "seen = ", r"images of the last batch alone: add with `\+=`"),
    ("q4", "seen += len(images)", "seen += len(batches[0][0])", "last batch is smaller than the others"),
    ("q4", BATCH_HITS, f"hits, seen = 0, 0\n        {BATCH_HITS}", "Only the last batch counts"),
    (
        "q4",
        BATCH_HITS,
        "hits += count_hits(predict(model, images), labels.to(device)) / len(images) * len(batches[0][0])",
        "share of 0.667",
    ),
    (
        "q4",
        COUNTED,
        "        hits += count_hits(predict(model, images), labels.to(device)) / len(images)\n"
        "    return hits / len(batches)",
        "average of batch accuracies counts the small last batch too much",
    ),
    ("q5", "cross_entropy(logits,", "cross_entropy(logits.softmax(dim=1),", "went through softmax before"),
    ("q5", "cross_entropy(logits,", "cross_entropy(logits.sigmoid(),", "went through a sigmoid"),
    ("q5", "labels.to(device))", 'labels.to(device), reduction="sum")', "summed over the images"),
    ("q5", "labels.to(device))", 'labels.to(device), reduction="none")', "an entry for each image"),
    ("q5", "F.cross_entropy(", "F.nll_loss(", "takes the logarithm of the softmax"),
    ("q5", "F.cross_entropy(logits,", "F.nll_loss(logits.softmax(dim=1),", "takes the logarithm of the softmax"),
    ("q5", "return F.", "return -F.", "sign is wrong"),
    ("q5", LOSS, "return F.mse_loss(logits, F.one_hot(labels.to(device), 10).float())", "squared error"),
    ("q5", LOSS, "return F.cross_entropy(labels.to(device), logits)", "the logits, .batch, 10., come first"),
    ("q5", "labels.to(device))", "labels.to(device).float())", "then the labels as they are"),
    ("q5", "labels.to(device))", "labels.to(device)).item()", "from which `backward..` cannot start"),
    ("q5", "labels.to(device))", "labels.to(device)).detach()", "leave out `detach..`"),
    ("q5", "labels.to(device)", "labels", "labels stay on another device than the logits"),
    ("q5", "return F.", "F.", "`batch_loss` returns nothing"),
    ("q5", "labels.to(device))", "labels.to(device)) / len(images)", "The mean cross-entropy of this batch is"),
    ("q6", THREE, "pass", "None of the three is there yet"),
    ("q6", THREE, three(BACKWARD, STEP), "gradients of the last batch are still in `.grad`"),
    ("q6", THREE, three("optimizer.zero_grad", BACKWARD, STEP), "gradients of the last batch are still in"),
    ("q6", THREE, three(ZERO, "loss.backward", STEP), "`backward` never ran.*with its parentheses"),
    ("q6", THREE, three(ZERO, STEP), "`backward` never ran"),
    ("q6", THREE, three(ZERO, BACKWARD), "`step` never ran"),
    ("q6", THREE, three(ZERO, BACKWARD, "optimizer.step"), "`step` never ran.*with its parentheses"),
    ("q6", THREE, three(ZERO, STEP, BACKWARD), "`step` runs before `backward`"),
    ("q6", THREE, three(STEP, ZERO, BACKWARD), "`step` runs before `backward`"),
    ("q6", THREE, three(BACKWARD, ZERO, STEP), "between `backward` and `step`"),
    ("q6", THREE, three(BACKWARD, "model.zero_grad()", STEP), "between `backward` and `step`"),
    ("q6", THREE, three(ZERO, BACKWARD, STEP, STEP), "`step` runs 2 times"),
    ("q6", THREE, three(ZERO, "(2 * loss).backward()", STEP), "the weights are not where"),
    ("q6", "return loss.item()", "return loss", "loss as a plain number"),
]

RIGHT = [
    ("q1", CLASS, SEQUENTIAL),
    ("q1", "F.relu(self.hidden(x))", "nn.ReLU()(self.hidden(x))"),
    ("q1", "F.relu(self.hidden(x))", "self.hidden(x).clamp(min=0)"),
    ("q1", "F.relu(self.hidden(x))", "self.hidden(x.view(len(x), -1)).relu_()"),
    ("q1", HIDDEN, "self.hidden = nn.Linear(in_features=xdim, out_features=hdim, bias=True)"),
    ("q2", X, "images.reshape(len(images), -1).to(device)"),
    ("q2", X, "images.to(device).flatten(1)"),
    ("q2", X, "images.to(device=device, dtype=torch.float32).view(images.shape[0], 784)"),
    ("q2", X, "images.view(-1, 28 * 28).to(next(model.parameters()).device)"),
    ("q2", "return model(x)", "return model.forward(x)"),
    ("q2", "return model(x)", "return model.to(device)(x)"),
    ("q3", "logits.argmax(dim=1)", "torch.max(logits, 1)[1]"),
    ("q3", "logits.argmax(dim=1)", "logits.softmax(dim=1).argmax(-1)"),
    ("q3", HITS, "return (answers == labels).float().sum().item()"),
    ("q3", HITS, "return int((answers == labels).sum())"),
    ("q3", HITS, "return sum(a == b for a, b in zip(answers.tolist(), labels.tolist()))"),
    ("q3", HITS, "return torch.eq(answers, labels).count_nonzero().item()"),
    ("q4", "seen += len(images)", "seen += labels.shape[0]"),
    ("q4", BATCH_HITS, "hits += (predict(model, images).argmax(1).cpu() == labels).sum().item()"),
    ("q4", BATCH_HITS, "labels = labels.to(device)\n        hits += count_hits(predict(model, images), labels)"),
    (
        "q4",
        COUNTED,
        "        hits += count_hits(predict(model, images), labels.to(device))\n"
        "    return hits / sum(len(labels) for _, labels in batches)",
    ),
    ("q5", LOSS, "return nn.CrossEntropyLoss()(logits, labels.to(device))"),
    ("q5", LOSS, "return F.nll_loss(logits.log_softmax(dim=1), labels.to(logits.device))"),
    ("q5", LOSS, "return F.cross_entropy(logits, F.one_hot(labels.to(device), 10).float())"),
    ("q6", THREE, three(BACKWARD, STEP, ZERO)),
    ("q6", THREE, three("optimizer.zero_grad(set_to_none=False)", BACKWARD, STEP)),
    ("q6", THREE, three("model.zero_grad()", BACKWARD, STEP)),
    ("q6", THREE, three("for p in model.parameters():", "    p.grad = None", BACKWARD, STEP)),
    ("q6", "return loss.item()", "return loss.tolist()"),
]
