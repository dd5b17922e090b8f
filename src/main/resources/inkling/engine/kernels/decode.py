# All blocks for one new token of each sequence, and products with matrices in strips of columns (docs/decisions/0009).
# Shapes: B sequences, C channels, V vocabulary, S strips of `width` columns each.
# A packed weight is in oneDNN's own order: see product_onednn.py.


def in_strips(self, w: Tensor, width: int) -> Tensor:
    # w (in, out) -> (S, in, width). Each strip has `width` neighbouring columns of w; the last strip is padded with 0.
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


def norm_or_none(self, x: Tensor, w: Tensor, b: Tensor, eps: float, rms: bool, one_plus: bool) -> Tensor:
    # x (…, C), w (C) or (0), b (C) or (0) -> (…, C). Without w there is no norm: x itself.
    if w.numel() == 0:
        return x
    return self.norm(x, w, eps, rms, one_plus, b if b.numel() > 0 else None)


def project(self, x: Tensor, w: Tensor, b: Tensor, factors: Tensor) -> Tensor:
    # x (B, 1, in), w (in, out), b (out) or (0), factors (out) if w is int8, else (0) -> (B, 1, out)
    # w may also be packed, or in strips (S, in, width).
    bias = b if b.numel() > 0 else None
    if factors.numel() > 0:
        return self.linear_int8(x, w, factors, bias)
    if w.dim() == 2:
        return self.linear(x, w, bias)
    y = self.rows_times_strips(x, w)
    if bias is not None:
        y += bias
    return y


def decode(self, x: Tensor, starts: List[int], positions: Tensor, heads: int, kv_heads: int, query_factor: float, qk_norm: str,
           score_cap: float, eps: float, rms: bool, one_plus: bool, branches: str, residual_scale: float, activation: str,
           windows: List[int], tables: List[Tensor], weights: List[Tensor], factors: List[Tensor], keys: List[Tensor],
           values: List[Tensor]) -> Tensor:
    # x (B, 1, C) -> (B, 1, C)
    # windows, tables, weights and factors go layer by layer:
    # - windows: how many tokens a token attends to
    # - tables: cos and sin (context, d), or (0) without rotary positions
    # - weights: the arrays named below, (0) where the architecture lacks one; a matrix is (in, out), packed, or in strips (S, in, width)
    # - factors: (out) for each linear layer in int8, else (0)
    # keys and values are the caches, into which each token's own key and value are written. They have one of two forms:
    # - All sequences have the same length: starts has this one number, positions is (0), a layer has one array (B, n_kv, capacity, hs).
    # - Rows may have different lengths: starts and positions (B) have a length for each row, and a layer has one array
    #   (n_kv, capacity, hs) for each row. Rows from len(starts) on are padding; only positions has numbers for them.
    layers = len(windows)
    per_layer = len(weights) // layers
    rows = len(keys) // layers
    ragged = positions.numel() > 0
    for i in range(layers):
        (ln_1_w, ln_1_b, attn_w, attn_b, q_norm, _, k_norm, _, attn_proj_w, attn_proj_b, post_1_w, post_1_b,
         ln_2_w, ln_2_b, gate_w, gate_b, fc_w, fc_b, proj_w, proj_b, post_2_w, post_2_b) = weights[i * per_layer:(i + 1) * per_layer]
        attn_f, attn_proj_f, gate_f, fc_f, proj_f = factors[5 * i:5 * i + 5]
        cos = tables[2 * i]
        sin = tables[2 * i + 1]
        read = self.norm_or_none(x, ln_1_w, ln_1_b, eps, rms, one_plus)
        q, k, v = self.split_heads(self.project(read, attn_w, attn_b, attn_f), heads, kv_heads)
        if qk_norm != "none":
            q = self.norm_heads(q, qk_norm, q_norm, eps, rms, one_plus)
            k = self.norm_heads(k, qk_norm, k_norm, eps, rms, one_plus)
        if cos.numel() > 0:
            q = self.rope_at(q, cos, sin, positions) if ragged else self.rope(q, cos, sin, starts[0])
            k = self.rope_at(k, cos, sin, positions) if ragged else self.rope(k, cos, sin, starts[0])
        q = self.scaled(q, query_factor)
        if ragged:
            mixed = self.rows_attention(q, k, v, keys[i * rows:(i + 1) * rows], values[i * rows:(i + 1) * rows], starts, windows[i],
                                        score_cap)
        else:
            mixed = self.cached_attention(q, k, v, keys[i], values[i], starts[0], windows[i], score_cap)
        attended = self.norm_or_none(self.project(mixed, attn_proj_w, attn_proj_b, attn_proj_f), post_1_w, post_1_b, eps, rms, one_plus)
        after_attention = x + self.scaled(attended, residual_scale)
        if branches != "parallel_one_norm":
            read = self.norm_or_none(after_attention if branches == "serial" else x, ln_2_w, ln_2_b, eps, rms, one_plus)
        gate = self.project(read, gate_w, gate_b, gate_f) if gate_w.numel() > 0 else None
        inner = self.activate(activation, self.project(read, fc_w, fc_b, fc_f), gate)
        update = self.norm_or_none(self.project(inner, proj_w, proj_b, proj_f), post_2_w, post_2_b, eps, rms, one_plus)
        x = after_attention + self.scaled(update, residual_scale)
    return x
