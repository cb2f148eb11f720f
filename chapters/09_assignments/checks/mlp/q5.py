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
    assert callable(batch_loss), 'There is no function `batch_loss`: run its cell, and keep the name for the function alone.'
    model, images, labels = (nn.Linear(784, 10), torch.rand(6, 28, 28), torch.arange(6))

    def predict(model, images):
        return model(images.reshape(-1, 784).to(Elsewhere.DEVICE))
    with Elsewhere(), replaced(env, device=Elsewhere.DEVICE, predict=predict):
        try:
            loss = batch_loss(mark(model), images, labels)
        except MixedDevicesError as problem:
            assert '`linear`' not in str(problem), 'The images stay on another device than the network: use `predict`, which sends them there.'
            raise AssertionError('The labels stay on another device than the logits: `labels.to(device)`.') from None
        except (RuntimeError, TypeError, ValueError) as problem:
            stack = traceback.extract_tb(problem.__traceback__)
            assert all((frame.name != 'legacy_get_string' for frame in stack)), '`nn.CrossEntropyLoss` is made first, with `()`, and then called: `nn.CrossEntropyLoss()(logits, labels)`. `F.cross_entropy(logits, labels)` does both.'
            if all(('cross_entropy' not in frame.name for frame in stack)):
                raise
            raise AssertionError(f'`cross_entropy` cannot use what it gets: the logits, (batch, 10), come first, then the labels as they are, (batch,). PyTorch says: {problem}') from None
    assert loss is not None, '`batch_loss` returns nothing: write `return` before the loss.'
    assert isinstance(loss, torch.Tensor | float), f'`batch_loss` returns a {type(loss).__name__}; the loss, a tensor, is wanted: `F.cross_entropy(logits, labels)`.'
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
    try:
        loss.backward()
    except RuntimeError as problem:
        assert 'second time' not in str(problem), '`backward` was called already: leave it to `update`, question 6.'
    assert model.weight.grad is not None, 'The loss no longer knows the weights that it came from, so `backward()` cannot reach them: leave out `detach()`, `no_grad()` and `torch.tensor(…)`.'
