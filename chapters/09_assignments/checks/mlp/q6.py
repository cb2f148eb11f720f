from otter.test_files import test_case

OK_FORMAT = False

name = "q6"
points = None

@test_case(points=None, hidden=False)
def test_update(env, update):
    import torch
    import torch.nn.functional as F
    from torch import nn
    from dlmeasured.assignments import replaced
    assert callable(update), 'There is no function `update`: run its cell, and keep the name for the function alone.'
    done = []

    class Optimizer(torch.optim.SGD):

        def zero_grad(self, set_to_none=True):
            done.append('zero_grad')
            super().zero_grad(set_to_none)

        def step(self, closure=None):
            done.append('step')
            return super().step(closure)

    class Model(nn.Linear):

        def zero_grad(self, set_to_none=True):
            done.append('zero_grad')
            super().zero_grad(set_to_none)

    def loss(model, images, labels):
        return F.cross_entropy(model(images.flatten(1)), labels)
    model = Model(784, 10)
    model.weight.register_hook(lambda gradient: done.append('backward'))
    start = {name: value.clone() for name, value in model.state_dict().items()}
    optimizer = Optimizer(model.parameters(), lr=0.5)
    batches = [(torch.rand(6, 28, 28), torch.arange(k, k + 6)) for k in (0, 4)]
    results = []
    with replaced(env, device=torch.device('cpu'), batch_loss=loss):
        for images, labels in batches:
            results.append(update(model, optimizer, images, labels))
            if len(results) == 1:
                order = list(done)
    assert order, 'None of the three is there yet, above the `return`: `zero_grad`, `backward` and `step`.'
    assert 'backward' in order, '`backward` never ran, so there are no gradients: `loss.backward()`, with its parentheses.'
    assert 'step' in order, '`step` never ran, so the weights stay as they are: `optimizer.step()`, with its parentheses, of the `optimizer` that `update` is given.'
    assert order.index('backward') < order.index('step'), '`step` runs before `backward`: it moves the weights by gradients that are not there yet.'
    between = order[order.index('backward'):order.index('step')]
    assert 'zero_grad' not in between, '`zero_grad` runs between `backward` and `step`: it wipes out the gradients that `step` needs.'
    assert order.count('step') == 1, f"`step` runs {order.count('step')} times for one batch."
    fresh, summed = (nn.Linear(784, 10), nn.Linear(784, 10))
    losses = []
    for twin, keeps in ((fresh, False), (summed, True)):
        twin.load_state_dict(start)
        for images, labels in batches:
            if not keeps:
                twin.zero_grad()
            losses.append(loss(twin, images, labels))
            losses[-1].backward()
            with torch.no_grad():
                for parameter in twin.parameters():
                    parameter -= 0.5 * parameter.grad
    assert not torch.allclose(model.weight, summed.weight, atol=1e-06), 'The gradients of the last batch are still in `.grad`: `optimizer.zero_grad()` is missing, or only its parentheses are.'
    assert all((torch.allclose(*pair, atol=1e-06) for pair in zip(model.parameters(), fresh.parameters()))), f"After two batches the weights are not where `zero_grad`, `backward` and `step`, each once for a batch, lead. For the first batch there ran: {', '.join(order)}."
    assert all((isinstance(result, float) for result in results)), '`update` does not return the loss as a plain number: leave its last line as it was.'
    assert all((abs(result - right.item()) < 1e-05 for result, right in zip(results, losses))), '`update` does not return the loss that it computed first: leave its first and its last line as they were.'
