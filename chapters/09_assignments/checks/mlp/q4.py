from otter.test_files import test_case

OK_FORMAT = False

name = "q4"
points = None

@test_case(points=None, hidden=False)
def test_accuracy(env, accuracy):
    import re
    import torch
    from torch import nn
    from dlmeasured.assignments import replaced
    from dlmeasured.elsewhere import Elsewhere, MixedDevicesError, mark
    assert callable(accuracy), 'There is no function `accuracy`: run its cell, and keep the name for the function alone.'
    model, images = (nn.Linear(784, 10), torch.rand(12, 28, 28))

    def predict(model, images):
        return model(images.reshape(-1, 784).to(Elsewhere.DEVICE))

    def count_hits(logits, labels):
        return (logits.argmax(dim=1) == labels).sum().item()
    labels = model(images.reshape(-1, 784)).argmax(dim=1)
    wrong = [5, 7, 9, 11]
    labels[wrong] = (labels[wrong] + 1) % 10
    batches = list(zip(images.split(5), labels.split(5)))
    others = {'device': Elsewhere.DEVICE, 'predict': predict, 'count_hits': count_hits}
    with Elsewhere(), replaced(env, **others):
        try:
            found = accuracy(mark(model), batches)
        except MixedDevicesError as problem:
            assert '`linear`' not in str(problem), 'The images stay on another device than the network: use `predict`, which sends them there.'
            if not re.search('`(__)?(eq|ne)', str(problem)):
                raise
            raise AssertionError('The labels stay on another device than the logits: `labels.to(device)`.') from None
    assert found is not None, '`accuracy` returns nothing: end it with `return` and the share.'
    number = found
    if isinstance(found, torch.Tensor) and found.numel() == 1:
        number = found.item()
    assert isinstance(number, int | float), f'`accuracy` returns a {type(found).__name__}; one plain number is wanted.'
    mistakes = {'An average of batch accuracies counts the small last batch too much: add up hits and images through the loop, and divide once after it.': (1 + 2 / 5 + 1 / 2) / 3, 'Only the last batch counts: set the counters to 0 before the loop, not in it, and add with `+=`.': 1 / 2, 'Only the first batch counts: `return` stands inside the loop; it belongs after it.': 1, 'The share is 0: the division drops the fraction (`/` in place of `//`), or no hit is added (`hits += …`).': 0, 'The last batch is left out: go through all of them.': 7 / 10, 'The number of hits is returned; divide it by the number of images.': 8, 'The hits are divided by the number of batches; divide by that of the images.': 8 / 3, 'The last batch is smaller than the others; count its images with `len(images)`.': 8 / 15, 'The hits of the last batch alone are divided by all images: add with `+=`.': 1 / 12, 'All hits are divided by the images of the last batch alone: add with `+=`.': 8 / 2, 'A percentage is returned; a share from 0 to 1 is wanted.': 100 * 8 / 12, 'The share of misses is returned, not that of hits.': 4 / 12}
    if abs(number - 8 / 12) > 1e-06:
        assert abs(number - 8 / 12) > 0.01, 'The share is rounded: return it as the division gives it.'
        for mistake, value in mistakes.items():
            assert abs(number - value) > 1e-06, mistake
        raise AssertionError(f'8 of 12 images are named rightly, a share of 0.667, but `accuracy` returns {number:.4g}. Does it use the `model` and the `batches` that it is given, and no others?')
    assert not isinstance(found, torch.Tensor), '`accuracy` returned a tensor, a plain number is wanted: divide plain numbers.'
