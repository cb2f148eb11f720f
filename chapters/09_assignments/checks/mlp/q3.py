from otter.test_files import test_case

OK_FORMAT = False

name = "q3"
points = None

@test_case(points=None, hidden=False)
def test_count_hits(count_hits):
    import torch
    assert count_hits is not None, 'Run the cell of `count_hits` first.'
    logits = torch.randn(12, 12, generator=torch.Generator().manual_seed(4))
    logits[0, 1] += 9
    labels = logits.argmax(dim=1)
    labels[[2, 5, 10]] = (labels[[2, 5, 10]] + 1) % 12
    labels[8] = logits[8].argmin()
    right = 8
    found = count_hits(logits.clone(), labels.clone())
    assert found is not None, '`count_hits` returns nothing: write `return` before the number.'
    number = found
    if isinstance(found, torch.Tensor):
        assert found.numel() == 1, f'`count_hits` returns a tensor of shape {tuple(found.shape)}, an entry for each image: count the hits with `.sum()`.'
        number = found.item()
    assert isinstance(number, int | float) and (not isinstance(number, bool)), f'`count_hits` returns a {type(found).__name__}; one plain number is wanted.'
    mistakes = {'`argmax` ran over axis 0, the images; the classes lie along axis 1: `dim=1`.': (logits.argmax(dim=0) == labels).sum(), '`argmax` ran over all logits at once; it must find one class for each image: `dim=1`.': (logits.argmax() == labels).sum(), '`argmin` finds the smallest logit; the answer is the largest: `argmax`.': (logits.argmin(dim=1) == labels).sum(), 'The largest logits themselves are compared with the labels; it is their places that count: `argmax`, or the second part of what `max` returns.': (logits.max(dim=1).values == labels).sum(), 'The share of hits is returned; their number is wanted: `.sum()` in place of the mean.': right / 12, 'The misses are counted, not the hits: compare with `==`.': 12 - right, 'The images are counted, not the hits: sum up the true ones, with `.sum()`.': 12}
    if abs(number - right) > 1e-06:
        for mistake, value in mistakes.items():
            assert abs(number - float(value)) > 1e-06, mistake
        raise AssertionError(f'8 of 12 answers are right, but `count_hits` returns {number:.4g}.')
    assert not isinstance(found, torch.Tensor), '`count_hits` returned a tensor, a plain number is wanted: add `.item()`.'
