from otter.test_files import test_case

OK_FORMAT = False

name = "q5"
points = None

@test_case(points=None, hidden=False)
def test_batch_loss(env, batch_loss):
    import traceback
    import torch
    import torch.nn.functional as F
    from torch import nn
    from dlmeasured.assignments import replaced
    from dlmeasured.elsewhere import Elsewhere, MixedDevicesError, mark
    assert batch_loss is not None, 'Run the cell of `batch_loss` first.'
    model, images, labels = (nn.Linear(784, 10), torch.rand(6, 28, 28), torch.arange(6))
    predict = lambda model, images: model(images.reshape(-1, 784).to(Elsewhere.DEVICE))
    with Elsewhere(), replaced(env, device=Elsewhere.DEVICE, predict=predict):
        try:
            loss = batch_loss(mark(model), images, labels)
        except MixedDevicesError:
            raise AssertionError('The labels stay on another device than the logits: `labels.to(device)`.') from None
        except (RuntimeError, TypeError, ValueError) as problem:
            stack = traceback.extract_tb(problem.__traceback__)
            if all(('cross_entropy' not in frame.name for frame in stack)):
                raise
            raise AssertionError('`cross_entropy` cannot use what it gets: the logits, (batch, 10), come first, then the labels as they are, (batch,).') from None
    assert loss is not None, '`batch_loss` returns nothing: write `return` before the loss.'
    assert isinstance(loss, torch.Tensor), '`batch_loss` returned a plain number, from which `backward()` cannot start: return the tensor itself, without `.item()`.'
    assert loss.dim() == 0, f'The loss has the shape {tuple(loss.shape)}, an entry for each image; their mean is wanted: leave out `reduction="none"`.'
    logits = model(images.reshape(-1, 784))
    right = F.cross_entropy(logits, labels)
    one_hot = F.one_hot(labels, 10).float()
    mistakes = {'The logits went through softmax before `cross_entropy`: it takes raw logits and applies the softmax itself.': F.cross_entropy(logits.softmax(1), labels), 'The logits went through a sigmoid before `cross_entropy`: it takes raw logits.': F.cross_entropy(logits.sigmoid(), labels), 'The loss is summed over the images; their mean is wanted: leave out `reduction="sum"`.': F.cross_entropy(logits, labels, reduction='sum'), '`nll_loss` takes the logarithm of the softmax, not logits: use `cross_entropy`.': F.nll_loss(logits, labels), '`nll_loss` takes the logarithm of the softmax; use `cross_entropy` on the logits.': F.nll_loss(logits.softmax(1), labels), 'The sign is wrong: `cross_entropy` is to be made small as it is.': -right, 'That is the squared error; the cross-entropy is wanted: `F.cross_entropy`.': F.mse_loss(logits, one_hot)}
    if not torch.allclose(loss, right, atol=1e-05):
        for mistake, value in mistakes.items():
            assert not torch.allclose(loss, value, atol=1e-05), mistake
        raise AssertionError(f'The mean cross-entropy of this batch is {right:.4f}, but the loss is {loss:.4f}.')
    assert loss.requires_grad, 'The loss no longer knows the weights that it came from, so `backward()` cannot reach them: leave out `detach()` and `no_grad()`.'
