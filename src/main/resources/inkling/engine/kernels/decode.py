# One new token of each sequence through all blocks, and products with matrices in strips of columns (docs/decisions/0009).
# Shapes: B sequences, C channels, V vocabulary, S strips of `width` columns each.


def in_strips(self, w: Tensor, width: int) -> Tensor:
    # w (in, out) -> (S, in, width): columns that lie together; the last strip is filled up with 0
    inputs, outputs = w.shape
    whole = outputs // width
    rest = outputs % width
    end = whole * width
    if rest == 0:
        return w.view([inputs, whole, width]).transpose(0, 1).contiguous()
    strips = w.new_zeros([whole + 1, inputs, width])
    strips[:whole] = w[:, :end].view([inputs, whole, width]).transpose(0, 1)
    strips[whole, :, :rest] = w[:, end:]
    return strips


def rows_times_strips(self, x: Tensor, strips: Tensor) -> Tensor:
    # x (B, 1, in), strips (S, in, width) -> (B, 1, S · width)
    rows = x.reshape([1, -1, x.size(-1)]).expand([strips.size(0), -1, -1])  # (S, B, in)
    return rows.bmm(strips).transpose(0, 1).reshape([x.size(0), 1, -1])


def unembed_strips(self, x: Tensor, strips: Tensor, vocabulary: int) -> Tensor:
    # x (B, 1, C), strips (S, C, width) -> logits (B, 1, V)
    return self.rows_times_strips(x, strips).narrow(-1, 0, vocabulary)


def norm(self, x: Tensor, w: Tensor, b: Tensor, eps: float, rms: bool, one_plus: bool) -> Tensor:
    # x (…, C), w (C), b (C) or (0) -> (…, C): by a gain of w or 1 + w
    gain = w + 1 if one_plus else w
    if rms:
        return self.rms_norm(x, gain, eps)
    return self.layer_norm(x, gain, eps, b if b.numel() > 0 else None)


def project(self, x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    # x (B, 1, in), w (in, out) or in strips (S, in, width), b (out) or (0) -> (B, 1, out)
    bias = b if b.numel() > 0 else None
    if w.dim() == 2:
        return self.linear(x, w, bias)
    y = self.rows_times_strips(x, w)
    if bias is not None:
        y += bias
    return y


def decode(self, x: Tensor, start: int, heads: int, kv_heads: int, eps: float, rms: bool, one_plus: bool, query_factor: float,
           residual_scale: float, activation: str, cos: Tensor, sin: Tensor,
           weights: List[Tensor], keys: List[Tensor], values: List[Tensor]) -> Tensor:
    # x (B, 1, C), cos and sin (context, d) or (0) -> (B, 1, C); of each layer the weights named below, a matrix (in, out) or in strips
    # (S, in, width), a bias (out) or (0) where there is none; of each layer keys and values (B, n_kv, capacity, hs), written at start
    rotary = cos.numel() > 0
    layers = len(keys)
    each = len(weights) // layers
    for i in range(layers):
        (ln_1_w, ln_1_b, attn_w, attn_b, attn_proj_w, attn_proj_b,
         ln_2_w, ln_2_b, fc_w, fc_b, gate_w, gate_b, proj_w, proj_b) = weights[i * each:(i + 1) * each]
        read = self.norm(x, ln_1_w, ln_1_b, eps, rms, one_plus)
        q, k, v = self.split_heads(self.project(read, attn_w, attn_b), heads, kv_heads)
        if rotary:
            q = self.rope(q, cos, sin, start)
            k = self.rope(k, cos, sin, start)
        attended = self.cached_attention(self.scaled(q, query_factor), k, v, keys[i], values[i], start)
        x = x + self.scaled(self.project(attended, attn_proj_w, attn_proj_b), residual_scale)
        read = self.norm(x, ln_2_w, ln_2_b, eps, rms, one_plus)
        gate = self.project(read, gate_w, gate_b) if gate_w.numel() > 0 else None
        inner = self.activate(activation, self.project(read, fc_w, fc_b), gate)
        x = x + self.scaled(self.project(inner, proj_w, proj_b), residual_scale)
    return x
