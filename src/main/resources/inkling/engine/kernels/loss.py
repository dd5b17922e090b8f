# Cross-entropy, in nats, and the unembedding together with it.
# Shapes: B sequences, T tokens, C channels, V vocabulary, N = B · T. A target of -1 is ignored.


def cross_entropy(self, logits: Tensor, targets: Tensor) -> Tensor:
    # logits (B, T, V), targets (B, T) -> (), the mean
    MEAN = 1
    return torch.cross_entropy_loss(logits.reshape([-1, logits.size(-1)]), targets.reshape([-1]), reduction=MEAN, ignore_index=-1)


def cross_entropy_each(self, logits: Tensor, targets: Tensor) -> Tensor:
    # logits (B, T, V), targets (B, T) -> (B, T), 0 where ignored
    EACH = 0
    nats = torch.cross_entropy_loss(logits.reshape([-1, logits.size(-1)]), targets.reshape([-1]), reduction=EACH, ignore_index=-1)
    return nats.reshape(targets.shape)


def unembedding_loss(self, y: Tensor, w: Tensor, targets: Tensor, weight: float, rows: int, learn: bool, cap: float) -> List[Tensor]:
    # y (B, T, C), w (V, C), targets (B, T) -> loss (), its gradient by y (B, T, C), and by w (V, C) if learn; of logits within ±cap
    # It holds the logits of only `rows` tokens at a time.
    x = y.reshape([-1, w.size(1)])  # (N, C)
    all_targets = targets.reshape([-1, 1])  # (N, 1)
    n = x.size(0)
    loss = torch.zeros_like(x[0:1]).sum()
    dx = torch.zeros_like(x)
    dw: List[Tensor] = []
    for start in range(0, n, rows):
        end = min(start + rows, n)
        some = x[start:end]  # (rows, C)
        wanted = all_targets[start:end]  # (rows, 1)
        counted = (wanted >= 0).to(x.dtype)  # (rows, 1), 0 where ignored
        index = wanted.clamp(0)
        logp = self.capped(self.unembed(some, w), cap)  # (rows, V), still the logits
        slope = [1 - (logp / cap) ** 2] if cap < inf else []  # derivative of the cap
        logp = logp.log_softmax(-1)
        loss -= (logp.gather(1, index) * counted).sum() * weight
        dz = logp.exp_()  # in the same memory: (p - 1 at the target, p elsewhere) · weight
        dz.scatter_add_(1, index, -torch.ones_like(counted))
        dz *= counted * weight
        for each in slope:
            dz *= each
        dx[start:end] = self.product(dz, w.t(), None)
        if learn and start == 0:
            dw.append(dz.t() @ some)
        elif learn:
            dw[0].addmm_(dz.t(), some)
    return [loss, dx.reshape(y.shape)] + dw
