from otter.test_files import test_case

OK_FORMAT = False

name = "q1"
points = None

@test_case(points=None, hidden=False)
def test_network(MultiLayerPerceptron):
    import torch
    import torch.nn.functional as F
    from torch import nn
    assert MultiLayerPerceptron is not None, 'Run the cell of the network first.'
    xdim, hdim, ydim = (7, 5, 3)
    model = MultiLayerPerceptron(xdim, hdim, ydim)
    for name, value in vars(model).items():
        assert value is not ..., f'`self.{name}` is still `...`: make a layer there.'
        in_a_list = isinstance(value, list | tuple) and any((isinstance(part, nn.Module) for part in value))
        assert not in_a_list, f'`self.{name}` is a plain Python list, whose layers PyTorch does not find: they would never learn. Use one name for each layer, or `nn.Sequential`.'
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
    x = torch.randn(4, xdim)
    logits = model(x)
    assert logits is not None, '`forward` returns nothing: end it with `return` and the logits.'
    assert isinstance(logits, torch.Tensor), f'`forward` returns a {type(logits).__name__}; the logits, a tensor, are wanted.'
    assert logits.shape == (4, ydim), f'For 4 inputs `forward` returns the shape {tuple(logits.shape)}; (4, ydim), here {(4, ydim)}, is wanted: does it use both layers?'
    first = F.linear(x, found[hdim, xdim], found[hdim,])
    second = lambda h: F.linear(h, found[ydim, hdim], found[ydim,])
    right = second(F.relu(first))
    mistakes = {'There is no ReLU between the layers: without it, two layers are no more than one.': second(first), 'A ReLU stands after the last layer and cuts off the negative logits: leave it out.': F.relu(right), 'The ReLU stands after the last layer: it belongs between the two.': F.relu(second(first)), 'The ReLU is applied to the input: it belongs after the first layer.': second(F.linear(F.relu(x), found[hdim, xdim], found[hdim,])), 'A softmax stands at the end: return the logits as they are, the loss expects them.': right.softmax(1), 'A log-softmax stands at the end: return the logits as they are.': right.log_softmax(1), 'A sigmoid stands at the end: return the logits as they are.': right.sigmoid(), 'Between the layers stands a sigmoid; a ReLU is wanted.': second(first.sigmoid()), 'Between the layers stands a tanh; a ReLU is wanted.': second(first.tanh())}
    if not torch.allclose(logits, right, atol=1e-05):
        for mistake, value in mistakes.items():
            assert not torch.allclose(logits, value, atol=1e-05), mistake
        raise AssertionError('The logits are not those of layer, ReLU, layer, in this order.')
