# Products with weights, lookups, norms, activations and dropout.
# Shapes: … any axes, B sequences, T tokens of each, C channels, V vocabulary. A layer's weight is (in, out), as GPT-2 stores it.
# A packed weight is in oneDNN's own order: see product_onednn.py.


def few_rows(self, x: Tensor, inputs: int) -> bool:
    # x (…, T, in): whether x is one new token for each of at most 16 sequences, on a CPU, without recording for gradients. MKL would
    # multiply such an x on one thread only.
    MOST_ROWS = 16
    few = x.size(-2) == 1 and x.numel() <= MOST_ROWS * inputs
    return few and not torch.is_grad_enabled() and not x.is_cuda


def rows_times(self, x: Tensor, w: Tensor) -> Tensor:
    # x (…, in), w (in, out) -> (…, out), for few rows
    PARTS = 8  # a single row is faster in 8 products, each with an eighth of the inputs (docs/decisions/0009)
    inputs, outputs = w.shape
    if x.numel() == inputs and inputs % PARTS == 0:
        part = inputs // PARTS
        products = x.reshape([PARTS, 1, part]).bmm(w.view([PARTS, part, outputs]))  # (8, 1, out)
        return products.sum([0], True)
    return self.product_on_cpu(x, w.t(), None)


def product(self, x: Tensor, w: Tensor, b: Optional[Tensor]) -> Tensor:
    # x (…, in), w (out, in), b (out) -> (…, out). On a CPU with oneDNN, autograd does not record this product (docs/decisions/0007).
    return torch.linear(x, w, b) if x.is_cuda else self.product_on_cpu(x, w, b)


def many_rows(self, x: Tensor, w: Tensor, b: Optional[Tensor]) -> Tensor:
    # x (…, in), w (out, in), b (out) -> (…, out). If recording is on, autograd records this product.
    return torch.linear(x, w, b) if torch.is_grad_enabled() else self.product(x, w, b)


def linear(self, x: Tensor, w: Tensor, b: Optional[Tensor] = None) -> Tensor:
    # x (…, in), w (in, out) or packed, b (out) -> (…, out)
    BF16 = 15
    if w.dtype == BF16:
        return self.linear_bf16(x, w if w.is_mkldnn else w.t(), b)
    if w.is_mkldnn:
        return self.product_on_cpu(x, w, b)
    if self.few_rows(x, w.size(0)):
        y = self.rows_times(x, w)
        if b is not None:
            y += b
        return y
    return self.many_rows(x, w.t(), b)


def linear_transposed(self, x: Tensor, w: Tensor) -> Tensor:
    # x (…, in), w (out, in) -> (…, out)
    return torch.linear(x, w)


def unembed(self, x: Tensor, w: Tensor) -> Tensor:
    # x (…, C), w (V, C), which may be packed -> logits (…, V)
    BF16 = 15
    if w.dtype == BF16:
        return self.linear_bf16(x, w, None)
    return self.product_on_cpu(x, w, None) if w.is_mkldnn else self.many_rows(x, w, None)


def linear_leaf(self, x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    # x (…, in), w (in, out), b (out) or (0) -> (…, out), a leaf for autograd. x and w are both in float32 or both in bfloat16.
    BF16 = 15
    bias: Optional[Tensor] = None
    if b.numel() > 0:
        bias = b.detach()
    if w.dtype == BF16:
        return self.linear_bf16(x.detach(), w.detach().t(), bias).requires_grad_(True)
    return self.product(x.detach(), w.detach().t(), bias).requires_grad_(True)


def embedding(self, ids: Tensor, table: Tensor) -> Tensor:
    # ids (B, T), table (V, C) -> (B, T, C)
    return self.float32(torch.embedding(table, ids))


def layer_norm(self, x: Tensor, w: Tensor, eps: float, b: Optional[Tensor] = None) -> Tensor:
    # x (…, C), w and b (C) -> (…, C)
    return torch.layer_norm(x, [w.size(0)], w, b, eps, cudnn_enable=False)


def rms_norm(self, x: Tensor, w: Tensor, eps: float) -> Tensor:
    # x (…, C), w (C) -> (…, C). Scales each vector to root mean square 1, then multiplies it by w.
    return x * ((x * x).mean([-1], True) + eps).rsqrt() * w


def norm(self, x: Tensor, w: Tensor, eps: float, rms: bool, one_plus: bool, b: Optional[Tensor] = None) -> Tensor:
    # x (…, C), w and b (C) -> (…, C), with a gain of w or 1 + w
    gain = w + 1 if one_plus else w
    if rms:
        return self.rms_norm(x, gain, eps)
    return self.layer_norm(x, gain, eps, b)


def gelu_tanh(self, x: Tensor) -> Tensor:
    # x (…) -> (…)
    return torch.gelu(x, approximate="tanh")


def gelu(self, x: Tensor) -> Tensor:
    # x (…) -> (…)
    return torch.gelu(x, approximate="none")


def relu(self, x: Tensor) -> Tensor:
    # x (…) -> (…)
    return x.relu()


def relu_squared(self, x: Tensor) -> Tensor:
    # x (…) -> (…)
    y = x.relu()
    return y * y


def swiglu(self, up: Tensor, gate: Tensor) -> Tensor:
    # up and gate (…) -> (…)
    return torch.silu(gate) * up


def geglu_tanh(self, up: Tensor, gate: Tensor) -> Tensor:
    # up and gate (…) -> (…)
    return self.gelu_tanh(gate) * up


def activate(self, name: str, up: Tensor, gate: Optional[Tensor] = None) -> Tensor:
    # up (…), gate (…) if the activation has a gate -> (…)
    if gate is not None:
        if name == "swiglu":
            return self.swiglu(up, gate)
        if name == "geglu_tanh":
            return self.geglu_tanh(up, gate)
    elif name == "gelu_tanh":
        return self.gelu_tanh(up)
    elif name == "gelu":
        return self.gelu(up)
    elif name == "relu":
        return self.relu(up)
    elif name == "relu_squared":
        return self.relu_squared(up)
    raise AssertionError("no activation is named " + name)


def dropout(self, x: Tensor, p: float) -> Tensor:
    # x (…) -> (…)
    return torch.dropout(x, p, train=True)


def scaled(self, x: Tensor, factor: float) -> Tensor:
    # x (…) -> (…); x itself for a factor of 1, as in most models
    return x if factor == 1.0 else x * factor


def capped(self, x: Tensor, cap: float) -> Tensor:
    # x (…) -> (…), within ±cap, and nearly x where x is small; x itself for an infinite cap
    return x if cap == inf else (x / cap).tanh() * cap
