# Cross-entropy in nats, alone and together with the unembedding.
# Shapes: B sequences, T tokens, C channels, V vocabulary, N = B · T. A target of -1 is ignored.


def cross_entropy(self, logits: Tensor, targets: Tensor) -> Tensor:
    # logits (B, T, V), targets (B, T) -> (), the mean over targets that are not ignored
    MEAN = 1
    return torch.cross_entropy_loss(logits.reshape([-1, logits.size(-1)]), targets.reshape([-1]), reduction=MEAN, ignore_index=-1)


def cross_entropy_each(self, logits: Tensor, targets: Tensor) -> Tensor:
    # logits (B, T, V), targets (B, T) -> (B, T), 0 where ignored
    EACH = 0
    nats = torch.cross_entropy_loss(logits.reshape([-1, logits.size(-1)]), targets.reshape([-1]), reduction=EACH, ignore_index=-1)
    return nats.reshape(targets.shape)


def unembedding_loss(self, y: Tensor, w: Tensor, targets: Tensor, weight: float, rows: int, learn: bool, cap: float) -> List[Tensor]:
    # y (B, T, C), w (V, C), targets (B, T) -> loss (), its gradient with respect to y (B, T, C), and to w (V, C) if learn.
    # The cap keeps logits within ±cap. Memory holds the logits of `rows` tokens at a time. If w is in bfloat16, the products are in
    # bfloat16; everything else is in float32.
    x = y.reshape([-1, w.size(1)])  # (N, C)
    x_for_products = x.to(w.dtype)  # (N, C), x itself if w is in float32
    all_targets = targets.reshape([-1, 1])  # (N, 1)
    n = x.size(0)
    loss = torch.zeros_like(x[0:1]).sum()
    dx = torch.zeros_like(x)
    dw: List[Tensor] = []
    for start in range(0, n, rows):
        end = min(start + rows, n)
        some = x_for_products[start:end]  # (rows, C)
        wanted = all_targets[start:end]  # (rows, 1)
        counted = (wanted >= 0).to(x.dtype)  # (rows, 1), 0 where ignored
        index = wanted.clamp(0)
        logp = self.capped(self.unembed(some, w), cap)  # (rows, V), still the logits
        slope = [1 - (logp / cap) ** 2] if cap < inf else []  # the derivative of capped
        logp = logp.log_softmax(-1)
        loss -= (logp.gather(1, index) * counted).sum() * weight
        dz = logp.exp_()  # becomes (p - 1 at the target, p elsewhere) · weight, in the memory of logp
        dz.scatter_add_(1, index, -torch.ones_like(counted))
        dz *= counted * weight
        for each in slope:
            dz *= each
        dz = dz.to(w.dtype)
        dx[start:end] = self.times_unembedding(dz, w)
        if learn:
            self.add_product(dw, dz, some)
    return [loss, dx.reshape(y.shape)] + dw


def times_unembedding(self, dz: Tensor, w: Tensor) -> Tensor:
    # dz (rows, V), w (V, C), both of one type -> (rows, C) of that type
    BF16 = 15
    return dz.mm(w) if w.dtype == BF16 else self.product(dz, w.t(), None)


def add_product(self, total: List[Tensor], dz: Tensor, x: Tensor) -> None:
    # dz (rows, V), x (rows, C), both of one type. Adds the product of dz transposed and x, (V, C), to total[0], in float32. If the list
    # total is empty, the product becomes total[0].
    BF16 = 15
    if len(total) == 0:
        total.append(self.float32(dz.t() @ x))
    elif x.dtype == BF16:
        total[0].add_(self.float32(dz.t() @ x))
    else:
        total[0].addmm_(dz.t(), x)


def target_scores(self, y: Tensor, w: Tensor, targets: Tensor, rows: int, cap: float, scales: Optional[Tensor] = None) -> List[Tensor]:
    # y (B, T, C), w (V, C), targets (B, T); scales (V) if w is int8: row v of the unembedding is scales[v] · w[v]
    # -> two arrays (B, T), both 0 where the target is ignored: log p(target); and 1 where no token is likelier than the target, else 0
    # Logits are computed for `rows` tokens at a time. Tokens whose target is ignored get none.
    all_targets = targets.reshape([-1])  # (N)
    places = (all_targets >= 0).nonzero().reshape([-1])  # (n)
    x = y.reshape([-1, w.size(1)])  # (N, C)
    logp = torch.zeros_like(x.select(1, 0))  # (N)
    first = torch.zeros_like(logp)  # (N)
    for start in range(0, places.size(0), rows):
        some = places[start:min(start + rows, places.size(0))]  # (rows)
        wanted = all_targets.index_select(0, some).reshape([-1, 1])  # (rows, 1)
        known = x.index_select(0, some)  # (rows, C)
        logits = self.unembed_int8(known, w, scales) if scales is not None else self.unembed(known, w)
        each = self.capped(logits, cap).log_softmax(-1)  # (rows, V)
        found = each.gather(1, wanted)  # (rows, 1)
        logp.index_copy_(0, some, found.reshape([-1]))
        first.index_copy_(0, some, (found >= each.amax([-1], True)).to(logp.dtype).reshape([-1]))
    return [logp.reshape(targets.shape), first.reshape(targets.shape)]


def target_gradients(self, y: Tensor, w: Tensor, targets: Tensor, slopes: Tensor, rows: int, learn: bool, cap: float) -> List[Tensor]:
    # y (B, T, C), w (V, C), targets (B, T), slopes (B) -> gradients with respect to y (B, T, C), and to w (V, C) if learn.
    # They are gradients of the sum of slopes[b] * log p(target) over all sequences b and all targets of sequence b. Memory holds the
    # logits of `rows` tokens at a time.
    all_targets = targets.reshape([-1])  # (N)
    each_slope = slopes.reshape([-1, 1]).expand(targets.shape).reshape([-1, 1])  # (N, 1)
    places = (all_targets >= 0).nonzero().reshape([-1])  # (n)
    x = y.reshape([-1, w.size(1)])  # (N, C)
    dx = torch.zeros_like(x)
    dw: List[Tensor] = []
    if learn:
        dw.append(self.float32(torch.zeros_like(w)))
    for start in range(0, places.size(0), rows):
        some = places[start:min(start + rows, places.size(0))]  # (rows)
        wanted = all_targets.index_select(0, some).reshape([-1, 1])  # (rows, 1)
        vectors = x.index_select(0, some)  # (rows, C)
        logits = self.capped(self.unembed(vectors, w), cap)  # (rows, V)
        dz = logits.softmax(-1).neg()  # -p; the next line makes it 1 - p at the target
        dz.scatter_add_(1, wanted, torch.ones_like(wanted).to(dz.dtype))
        dz *= each_slope.index_select(0, some)
        if cap < inf:
            dz *= 1 - (logits / cap) ** 2
        dz = dz.to(w.dtype)
        dx.index_copy_(0, some, self.float32(self.times_unembedding(dz, w)))
        if learn:
            self.add_product(dw, dz, vectors.to(w.dtype))
    return [dx.reshape(y.shape)] + dw
