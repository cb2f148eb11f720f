from otter.test_files import test_case

OK_FORMAT = False

name = "q3"
points = None

@test_case(points=None, hidden=False)
def test_count_hits(env, count_hits):
    import torch
    from dlmeasured.assignments import replaced
    assert callable(count_hits), 'There is no function `count_hits`: run its cell, and keep the name for the function alone.'
    mistakes = {'`argmax` ran over axis 0, the images; the classes lie along axis 1: `dim=1`.': lambda logits, labels: logits.argmax(dim=0) == labels, '`argmax` ran over all logits at once; it must find one class for each image: `dim=1`.': lambda logits, labels: logits.argmax() == labels, '`argmin` finds the smallest logit; the answer is the largest: `argmax`.': lambda logits, labels: logits.argmin(dim=1) == labels, 'No hit is counted. If the largest logits themselves are compared with the labels: it is their places that count: `argmax`, or the second part of what `max` returns.': lambda logits, labels: logits.max(dim=1).values == labels, 'Each answer is compared with every label, because the answers have the shape (batch, 1): leave out `keepdim`.': lambda logits, labels: logits.argmax(dim=1, keepdim=True) == labels, 'The misses are counted, not the hits: compare with `==`.': lambda logits, labels: logits.argmax(dim=1) != labels, 'The images are counted, not the hits: sum up the true ones, with `.sum()`.': lambda logits, labels: labels == labels, 'The share of hits is returned; their number is wanted: `.sum()` in place of the mean.': lambda logits, labels: (logits.argmax(dim=1) == labels) / len(labels)}
    numbers, rights, examples = ([], [], [])
    for seed, misses in enumerate((3, 2, 6, 4)):
        logits = torch.randn(10, 10, generator=torch.Generator().manual_seed(seed)) - 2
        logits[0, 1] += 9
        labels = logits.argmax(dim=1)
        labels[1:1 + misses] = (labels[1:1 + misses] + 1) % 10
        labels[1] = logits[1].argmin()
        with replaced(env, device=torch.device('cpu')):
            found = count_hits(logits.clone(), labels.clone())
        assert found is not None, '`count_hits` returns nothing: write `return` before the number.'
        number = found
        if isinstance(found, torch.Tensor):
            assert found.numel() == 1, f'`count_hits` returns a tensor of shape {tuple(found.shape)}, an entry for each image: count the hits with `.sum()`.'
            number = found.item()
        assert not callable(found), '`count_hits` returns a function: call it, with `()` after its name.'
        assert isinstance(number, int | float) and (not isinstance(number, bool)), f'`count_hits` returns a {type(found).__name__}; one plain number is wanted.'
        numbers.append(number)
        rights.append(10 - misses)
        examples.append((logits, labels))

    def same(some, others):
        return all((abs(one - float(other)) < 1e-05 for one, other in zip(some, others)))
    if not same(numbers, rights):
        for mistake, hits in mistakes.items():
            assert not same(numbers, [hits(*example).sum() for example in examples]), mistake
        wrong = next((k for k in range(4) if abs(numbers[k] - rights[k]) > 1e-05))
        raise AssertionError(f'{rights[wrong]} of 10 answers are right, but `count_hits` returns {numbers[wrong]:.4g}.')
    assert not isinstance(found, torch.Tensor), '`count_hits` returned a tensor, a plain number is wanted: add `.item()`.'
