# Heads, rotary positions and attention.
# Shapes: B sequences, T tokens, nh query heads, n_kv key and value heads, hs channels of a head.


def rope(self, x: Tensor, cos: Tensor, sin: Tensor, start: int) -> Tensor:
    # x (B, nh, T, hs), cos and sin (context, d) -> (B, nh, T, hs). Row start + t of cos and sin has the angles for token t.
    T = x.size(2)
    return self.turned(x, cos.narrow(0, start, T), sin.narrow(0, start, T))


def rope_at(self, x: Tensor, cos: Tensor, sin: Tensor, positions: Tensor) -> Tensor:
    # x (B, nh, 1, hs), cos and sin (context, d), positions (B) -> (B, nh, 1, hs). Row positions[b] of cos and sin has the angles for the
    # token of sequence b.
    B = x.size(0)
    d = cos.size(1)
    return self.turned(x, cos.index_select(0, positions).view([B, 1, 1, d]), sin.index_select(0, positions).view([B, 1, 1, d]))


def turned(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    # x (B, nh, T, hs), cos and sin (T, d) or (B, 1, 1, d) -> (B, nh, T, hs). Rotates the first d channels. The others stay as they are.
    d = cos.size(-1)
    if d == x.size(-1):
        return self.pairs_turned(x, cos, sin)
    return torch.cat([self.pairs_turned(x[..., :d], cos, sin), x[..., d:]], -1)


def pairs_turned(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    # x (B, nh, T, d), cos and sin (T, d) or (B, 1, 1, d) -> (B, nh, T, d). Rotates the pairs of channels (i, i + d/2).
    first, second = x.chunk(2, -1)
    quarter_turned = torch.cat([-second, first], -1)
    return x * cos + quarter_turned * sin


def norm_heads(self, x: Tensor, over: str, w: Tensor, eps: float, rms: bool, one_plus: bool) -> Tensor:
    # x (B, n, T, hs) -> the same shape. What `over` normalises together:
    # "head": the channels of each head; all heads share w (hs)
    # "head_each": the channels of each head; w (n · hs) has a part for each head
    # "all": all heads of a token; w (n · hs)
    B, n, T, hs = x.shape
    if over == "head":
        return self.norm(x, w, eps, rms, one_plus)
    if over == "all":
        token = x.transpose(1, 2).reshape([B, T, n * hs])
        return self.norm(token, w, eps, rms, one_plus).view([B, T, n, hs]).transpose(1, 2)
    gain = (w + 1 if one_plus else w).view([n, 1, hs])
    if rms:
        return self.rms_norm(x, gain, eps)
    return torch.layer_norm(x, [hs], None, None, eps, cudnn_enable=False) * gain


def split_heads(self, qkv: Tensor, heads: int, kv_heads: int) -> List[Tensor]:
    # qkv (B, T, (nh + 2 n_kv) · hs) -> views (B, nh, T, hs), (B, n_kv, T, hs), (B, n_kv, T, hs)
    B, T, width = qkv.shape
    n = heads + 2 * kv_heads
    q, k, v = qkv.view([B, T, n, width // n]).split_with_sizes([heads, kv_heads, kv_heads], 2)
    return [q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)]


def repeat_heads(self, x: Tensor, times: int) -> Tensor:
    # x (B, n_kv, T, hs) -> (B, n_kv · times, T, hs). The `times` copies of a head are neighbours.
    return x.repeat_interleave(times, 1)


def merge_heads(self, x: Tensor) -> Tensor:
    # x (B, nh, T, hs) -> (B, T, nh · hs)
    B, nh, T, hs = x.shape
    return x.transpose(1, 2).reshape([B, T, nh * hs])


def visible(self, x: Tensor, queries: int, keys: int, window: int) -> Tensor:
    # x (…), only for its type and device -> (queries, keys), true where a query may read a key. The last query and the last key are of the
    # same token. Each token reads itself and the window - 1 tokens before it.
    past = keys - queries
    return x.new_ones([queries, keys]).tril(past).triu(past - window + 1) > 0


def attention_pattern(self, q: Tensor, k: Tensor, window: int, cap: float) -> Tensor:
    # q (B, nh, T, hs), k (B, nh, keys, hs) -> (B, nh, T, keys). Each row sums to 1.
    scores = self.capped(q @ k.transpose(2, 3) / torch.sqrt(q.size(3)), cap)
    hidden = self.visible(q, q.size(2), k.size(2), window).logical_not()
    return scores.masked_fill(hidden, -inf).softmax(-1)


def attention(self, q: Tensor, k: Tensor, v: Tensor, window: int, cap: float, dropout: float) -> Tensor:
    # q (B, nh, T, hs), k and v (B, nh, keys, hs) -> (B, T, nh · hs). The last T keys are of the same tokens as the queries.
    T = q.size(2)
    keys = k.size(2)
    if cap < inf:  # the fused kernel has no cap
        pattern = self.attention_pattern(q, k, window, cap)
        return self.merge_heads((self.dropout(pattern, dropout) if dropout > 0.0 else pattern) @ v)
    if T == keys and window >= keys:
        return self.merge_heads(torch.scaled_dot_product_attention(q, k, v, dropout_p=dropout, is_causal=True))
    mask = self.visible(q, T, keys, window)  # is_causal has no window, and lets the first query read only the first key
    return self.merge_heads(torch.scaled_dot_product_attention(q, k, v, attn_mask=mask, dropout_p=dropout))


def attention_bf16(self, q: Tensor, k: Tensor, v: Tensor, window: int, cap: float, dropout: float) -> Tensor:
    # q (B, nh, T, hs), k and v (B, nh, keys, hs) -> (B, T, nh · hs), float32. On CUDA, q, k and v are rounded to bfloat16, because fused
    # attention is made for 16 bits there. On a CPU they stay in float32: the backward pass in bfloat16 would take longer
    # (docs/decisions/0026).
    if q.is_cuda:
        return self.float32(self.attention(self.bf16(q), self.bf16(k), self.bf16(v), window, cap, dropout))
    return self.attention(q, k, v, window, cap, dropout)


def cached_attention(self, q: Tensor, k: Tensor, v: Tensor, keys: Tensor, values: Tensor, start: int, window: int, cap: float) -> Tensor:
    # q (B, nh, T, hs), k and v (B, n_kv, T, hs), keys and values (B, n_kv, capacity, hs) -> (B, T, nh · hs). Writes k and v into keys and
    # values, from position start on. Then computes causal attention over keys and values up to the last of these positions, within
    # the window.
    B, nh, T, hs = q.shape
    n_kv = k.size(1)
    group = nh // n_kv  # query heads that read one key head
    keys.narrow(2, start, T).copy_(k)
    values.narrow(2, start, T).copy_(v)
    first = max(0, start - window + 1)  # the first key that the first query reads
    seen_keys = keys.narrow(2, first, start + T - first)
    seen_values = values.narrow(2, first, start + T - first)
    if T == 1:
        grouped = q.reshape([B, n_kv, group, hs])
        scores = self.capped((grouped / torch.sqrt(hs)) @ seen_keys.transpose(2, 3), cap)  # (B, n_kv, group, seen)
        return self.merge_heads((scores.softmax(-1) @ seen_values).reshape([B, nh, 1, hs]))
    return self.attention(q, self.repeat_heads(seen_keys, group), self.repeat_heads(seen_values, group), window, cap, 0.0)


def rows_attention(self, q: Tensor, k: Tensor, v: Tensor, keys: List[Tensor], values: List[Tensor], starts: List[int], window: int,
                   cap: float) -> Tensor:
    # One token for each row; the tokens may have different positions. q (B, nh, 1, hs), k and v (B, n_kv, 1, hs) -> (B, 1, nh · hs).
    # Row r writes its key and value into keys[r] and values[r], each (n_kv, capacity, hs), at position starts[r]. Then it reads keys[r] and
    # values[r] up to that position, within the window. Rows from len(starts) on are padding, and their result is 0. Rows are computed one
    # after the other, so several rows may be successive tokens in one cache.
    B, nh, _, hs = q.shape
    n_kv = k.size(1)
    group = nh // n_kv  # query heads that read one key head
    queries = (q / torch.sqrt(hs)).view([B, n_kv, group, hs]).unbind(0)
    new_keys = k.unbind(0)
    new_values = v.unbind(0)
    read: List[Tensor] = []
    for r in range(len(starts)):
        start = starts[r]
        row_keys = keys[r]
        row_values = values[r]
        row_keys.narrow(1, start, 1).copy_(new_keys[r])
        row_values.narrow(1, start, 1).copy_(new_values[r])
        first = max(0, start - window + 1)
        scores = self.capped(queries[r].bmm(row_keys.narrow(1, first, start + 1 - first).transpose(1, 2)), cap)  # (n_kv, group, seen)
        read.append(scores.softmax(-1).bmm(row_values.narrow(1, first, start + 1 - first)))                      # (n_kv, group, hs)
    padding = B - len(starts)
    if padding > 0:
        read.append(q.new_zeros([padding * n_kv, group, hs]))
    return torch.cat(read).view([B, 1, nh * hs])
