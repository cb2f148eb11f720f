from otter.test_files import test_case

OK_FORMAT = False

name = "q1"
points = None

@test_case(points=None, hidden=False)
def test_network(env, MultiLayerPerceptron):
    import torch
    import torch.nn.functional as F
    from torch import nn
    from dlmeasured.assignments import replaced
    assert callable(MultiLayerPerceptron) and (not isinstance(MultiLayerPerceptron, nn.Module)), 'There is no class `MultiLayerPerceptron`: run its cell, and keep the name for the class alone.'
    xdim, hdim, ydim = (7, 5, 3)
    x = torch.randn(4, xdim)
    with replaced(env, device=torch.device('cpu')):
        model = MultiLayerPerceptron(xdim, hdim, ydim)
        for name, value in vars(model).items():
            assert value is not ..., f'`self.{name}` is still `...`: make a layer there.'
            several = isinstance(value, list | tuple) and any((isinstance(part, nn.Module) for part in value))
            assert not (several and isinstance(value, tuple)), f'`self.{name}` is a tuple, whose layers PyTorch does not find: does its line end with a comma?'
            assert not several, f'`self.{name}` is a plain Python list, whose layers PyTorch does not find: they would never learn. Use one name for each layer, or `nn.Sequential`.'
        found = {tuple(parameter.shape): parameter for parameter in model.parameters()}
        wanted = '`nn.Linear(xdim, hdim)`, then `nn.Linear(hdim, ydim)`'
        assert found, f'The network has no layer: make {wanted}.'
        fixed = [size for shape in found for size in shape if size in (784, 256, 10)]
        assert not fixed, f'The size {fixed and fixed[0]} is written as a number, so that the network cannot be made in another size: write `xdim`, `hdim` and `ydim`.'
        swapped = {(xdim, hdim), (hdim, ydim)} & set(found)
        assert not swapped, f'The sizes of a layer are swapped: inputs come first, as in {wanted}.'
        assert (hdim, xdim) in found, f'The first layer does not take xdim and give hdim: {wanted}.'
        assert (ydim, hdim) in found, f'The second layer does not take hdim and give ydim: {wanted}.'
        assert {(hdim,), (ydim,)} <= set(found), 'A layer has no bias: leave out `bias=False`.'
        assert len(list(model.parameters())) == 4, f'There are more than two layers: only {wanted}.'
        given = x.clone()
        try:
            logits = model(given)
        except RuntimeError as problem:
            if 'invalid for input of size' not in str(problem):
                raise
            raise AssertionError(f'`forward` reshapes its input. It gets rows already, (batch, xdim), here {tuple(x.shape)}: leave out the `view`. Images become rows in question 2.') from None
    assert logits is not None, '`forward` returns nothing: end it with `return` and the logits.'
    assert isinstance(logits, torch.Tensor), f'`forward` returns a {type(logits).__name__}; the logits, a tensor, are wanted.'
    assert logits.shape == (4, ydim), f'For 4 inputs `forward` returns the shape {tuple(logits.shape)}; (4, ydim), here {(4, ydim)}, is wanted: does it use both layers?'
    assert torch.equal(given, x), '`forward` changes the very tensor that it is given: leave `x` as it is.'
    first = F.linear(x, found[hdim, xdim], found[hdim,])

    def second(h):
        return F.linear(h, found[ydim, hdim], found[ydim,])
    right = second(F.relu(first))
    mistakes = {'There is no ReLU between the layers: without it, two layers are no more than one. (`F.relu(h)` returns a new tensor; go on with that.)': second(first), 'A ReLU stands after the last layer and cuts off the negative logits: leave it out.': F.relu(right), 'The ReLU stands after the last layer: it belongs between the two.': F.relu(second(first)), 'The ReLU is applied to the input: it belongs after the first layer.': second(F.linear(F.relu(x), found[hdim, xdim], found[hdim,])), 'A softmax stands at the end: return the logits as they are, the loss expects them.': right.softmax(1), 'A log-softmax stands at the end: return the logits as they are.': right.log_softmax(1), 'A sigmoid stands at the end: return the logits as they are.': right.sigmoid(), 'Between the layers stands a sigmoid; a ReLU is wanted.': second(first.sigmoid()), 'Between the layers stands a tanh; a ReLU is wanted.': second(first.tanh())}
    if not torch.allclose(logits, right, atol=1e-05):
        for mistake, value in mistakes.items():
            assert not torch.allclose(logits, value, atol=1e-05), mistake
        raise AssertionError('The logits are not those of layer, ReLU, layer, in this order and with nothing else.')
    if logits.requires_grad:
        logits.sum().backward()
    assert all((parameter.grad is not None for parameter in model.parameters())), 'The logits no longer know all the weights that they came from, so that these would never learn: leave out `no_grad()` and `detach()`.'
