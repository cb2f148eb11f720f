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
    assert predict is not None, 'Run the cell of `predict` first.'

    class Model(nn.Module):

        def __init__(self):
            super().__init__()
            self.layer, self.x = (nn.Linear(784, 10), None)

        def forward(self, x):
            self.x = x
            right = isinstance(x, torch.Tensor) and x.dim() == 2 and (x.shape[1] == 784)
            return self.layer(x) if right else None
    model, images = (Model(), torch.rand(6, 28, 28))
    with Elsewhere(), replaced(env, device=Elsewhere.DEVICE):
        try:
            logits = predict(mark(model), images)
        except MixedDevicesError:
            raise AssertionError('The images stay on another device than the network: send them there with `.to(device)`, and go on with what it returns.') from None
    assert model.x is not None, 'The model is not called: `model(x)` gives its logits.'
    shape = tuple(model.x.shape)
    assert shape != (6, 28, 28), 'The model gets images of shape (6, 28, 28), not rows: `view(-1, 28 * 28)` returns them as rows, go on with what it returns.'
    assert shape != (784, 6), 'The model gets the shape (784, 6): pixels lie along axis 0 and images along axis 1. It must be the other way round: `view(-1, 28 * 28)`.'
    assert shape == (6, 784), f'For 6 images the model gets the shape {shape}, not (6, 784).'
    assert torch.equal(model.x, images.reshape(6, 784)), 'The pixels have been mixed up or changed: each row must hold one image, line by line, as `view(-1, 28 * 28)` gives it.'
    assert logits is not None, '`predict` returns nothing: write `return` before the logits.'
    right = model.layer(images.reshape(6, 784))
    assert isinstance(logits, torch.Tensor), f'`predict` returns a {type(logits).__name__}; the logits, a tensor, are wanted.'
    assert logits.shape != (6,), '`predict` returns one number for each image; return all ten logits. (The choice among them is the next question.)'
    assert logits.shape == (6, 10) and torch.allclose(logits, right, atol=1e-06), '`predict` does not return what the model gives: return the logits as they are, without a softmax or anything else.'
