# Gradients as values, also across linear layers that autograd does not record (docs/decisions/0007).
# Shapes: N rows, in and out: the channels that a layer reads and gives; n parameters, m linear layers.


def gradients(self, y: Tensor, parameters: List[Tensor]) -> List[Tensor]:
    # y () -> the gradient with respect to each parameter, in the parameter's shape (…). Frees the graph that was recorded for y.
    found: List[Tensor] = []
    for g in torch.grad([y], parameters):
        assert g is not None
        found.append(g)
    return found


def add_gradients(self, y: Tensor, dy: Tensor, ends: List[Tensor], sums: List[Tensor]) -> None:
    # y and dy (…). Carries the gradient dy of y back to ends[i], and adds the result to sums[i]. An empty sums[i] (0) counts as zero.
    dys: List[Optional[Tensor]] = [dy]
    found = torch.grad([y], ends, dys, retain_graph=True, allow_unused=True)
    for i in range(len(found)):
        g = found[i]
        if g is not None:
            sums[i] = g if sums[i].numel() == 0 else sums[i] + g


def product_by_weight(self, x: Tensor, dy: Tensor) -> Tensor:
    # x (N, in), dy (N, out) -> (in, out), float32, in row order. For that order oneDNN must copy x transposed first, so it is faster than
    # MKL only if out > in.
    BF16 = 15
    if x.dtype == BF16:
        return self.float32(x.t().mm(dy))
    if x.size(1) < dy.size(1):
        return self.product(x.t(), dy.t(), None)
    return x.t().mm(dy)


def product_by_input(self, dy: Tensor, w: Tensor) -> Tensor:
    # dy (N, out), w (in, out), both of one type -> (N, in) of that type. In float32, oneDNN is faster than MKL, except where N is small
    # and a row of w fills a whole number of 4 KB pages.
    BF16 = 15
    if w.dtype == BF16:
        return dy.mm(w.t())
    FEW_ROWS = 512
    PAGE = 1024  # floats
    if dy.size(0) < FEW_ROWS and w.size(1) % PAGE == 0:
        return dy.mm(w.t())
    return self.product(dy, w, None)


def linear_products(self, x: Tensor, w: Tensor, dy: Tensor) -> List[Tensor]:
    # x (N, in), w (in, out), dy (N, out) -> (N, out), (N, in), (in, out)
    BF16 = 15
    if w.dtype == BF16:
        x16 = x.to(BF16)
        dy16 = dy.to(BF16)
        return [self.linear_bf16(x16, w.t(), None), self.product_by_input(dy16, w), self.product_by_weight(x16, dy16)]
    return [self.product(x, w.t(), None), self.product_by_input(dy, w), self.product_by_weight(x, dy)]


def one_product(self, kind: str, library: str, a: Tensor, b: Tensor) -> Tensor:
    # kind forward: a (N, in), b (in, out) -> (N, out)
    # kind input: a (N, out), b (in, out) -> (N, in)
    # kind weight: a (N, in), b (N, out) -> (in, out)
    # library: mkl, onednn or bf16. For bf16, this function converts a, and also b unless b is the weight (in, out). For measuring only.
    if library == "bf16":
        a = self.bf16(a)
        if kind == "weight":
            b = self.bf16(b)
    if kind == "forward":
        right = b.t()
    elif kind == "input":
        right = b
    else:
        right = b.t()
        a = a.t()
    if library == "onednn":
        return self.product(a, right, None)
    return self.float32(a.mm(right.t()))


def gradients_across(self, out: Tensor, dout: Tensor, p: List[Tensor], x: List[Tensor], w: List[Tensor], b: List[Tensor],
                     y: List[Tensor]) -> List[Tensor]:
    # out and its gradient dout (…); n parameters p
    # m layers, each with x (…, in), w (in, out), b (out) or (0), y (…, out); x and w have one type
    # -> n gradients with respect to p, then two gradients for each layer, with respect to w and b. Each has its parameter's shape.
    # A gradient is (0) if out does not depend on p[i], or if w or b is not trained.
    n = len(p)
    m = len(y)
    ends = p + y
    none = out.detach().reshape([-1])[0:0]
    sums = [none] * (n + m)
    by_weights = [none] * (2 * m)
    self.add_gradients(out, dout, ends, sums)
    for layer in range(m - 1, -1, -1):
        weight = w[layer].detach()
        inputs, outputs = weight.shape
        dy = sums[n + layer].reshape([-1, outputs])
        sums[n + layer] = none  # so that dy is freed after this layer
        factor = dy.to(weight.dtype)  # dy itself if the weight is in float32
        dx = self.product_by_input(factor, weight).view(x[layer].shape)
        self.add_gradients(x[layer], dx, ends, sums)
        if w[layer].requires_grad:
            by_weights[2 * layer] = self.product_by_weight(x[layer].detach().reshape([-1, inputs]), factor)
        if b[layer].requires_grad:
            by_weights[2 * layer + 1] = dy.sum([0])
    return sums[:n] + by_weights


def add_rows(self, table: Tensor, ids: Tensor, rows: Tensor) -> None:
    # table (V, C), ids (B, T), rows (B, T, C). Adds each row to the table's row of its id, in place.
    table.index_add_(0, ids.reshape([-1]), rows.reshape([-1, table.size(1)]))
