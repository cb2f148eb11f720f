from otter.test_files import test_case

OK_FORMAT = False

name = "q2"
points = None

@test_case(points=None, hidden=False)
def test_predict(env, predict):
    import torch
    from torch import nn
    from dlmeasured.assignments import replaced
    from dlmeasured.elsewhere import Elsewhere, MixedDevicesError, mark
    assert callable(predict), 'There is no function `predict`: run its cell, and keep the name for the function alone.'

    class Model(nn.Module):

        def __init__(self):
            super().__init__()
            self.hidden, self.x = (nn.Linear(784, 10), None)

        def forward(self, x):
            self.x = x
            right = isinstance(x, torch.Tensor) and x.dim() == 2 and (x.shape[1] == 784)
            return self.hidden(x) if right else mark(torch.zeros(6, 10))
    model, images = (Model(), torch.rand(6, 28, 28))
    given = images.clone()
    with Elsewhere(), replaced(env, device=Elsewhere.DEVICE):
        try:
            logits = predict(mark(model), given)
        except MixedDevicesError:
            raise AssertionError('The images stay on another device than the network: send them there with `.to(device)`, and go on with what it returns.') from None
        away = not isinstance(logits, torch.Tensor) or logits.device == Elsewhere.DEVICE
    assert model.x is not None, 'The model is not called: `model(x)` gives its logits.'
    assert isinstance(model.x, torch.Tensor), f'The model gets a {type(model.x).__name__}; a tensor is wanted.'
    shape = tuple(model.x.shape)
    assert shape != (6, 28, 28), 'The model gets images of shape (6, 28, 28), not rows: `view(-1, 28 * 28)` returns them as rows, go on with what it returns.'
    assert shape != (784, 6), 'The model gets the shape (784, 6): pixels lie along axis 0 and images along axis 1. It must be the other way round: `view(-1, 28 * 28)`.'
    assert shape == (6, 784), f'For 6 images the model gets the shape {shape}, not (6, 784).'
    assert torch.equal(model.x, images.reshape(6, 784)), 'The pixels have been mixed up or changed: each row must hold one image, line by line, as `view(-1, 28 * 28)` gives it.'
    assert torch.equal(given, images), '`predict` changes the images that it is given: leave them as they are.'
    assert logits is not None, '`predict` returns nothing: write `return` before the logits.'
    right = model.hidden(images.reshape(6, 784))
    assert isinstance(logits, torch.Tensor), f'`predict` returns a {type(logits).__name__}; the logits, a tensor, are wanted.'
    assert logits.shape != (6,), '`predict` returns one number for each image; return all ten logits. (The choice among them is the next question.)'
    assert logits.shape == (6, 10) and torch.allclose(logits, right, atol=1e-06), '`predict` does not return what the model gives: return the logits as they are, without a softmax or anything else.'
    assert logits.requires_grad, 'The logits no longer know the weights that they came from, and without that the network cannot learn from them: leave out `no_grad()` and `detach()`.'
    assert away, 'The logits were taken back to the CPU: leave them on the `device`, where the labels will be sent too.'
