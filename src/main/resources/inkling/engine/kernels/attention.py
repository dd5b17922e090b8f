# Heads, rotary positions and attention.
# Shapes: B sequences, T tokens, nh query heads, n_kv key and value heads, hs channels of a head.


def rope(self, x: Tensor, cos: Tensor, sin: Tensor, start: int) -> Tensor:
    # x (B, nh, T, hs), cos and sin (context, d) -> (B, nh, T, hs): turns the first d channels, the others pass
    d = cos.size(1)
    if d == x.size(-1):
        return self.turned(x, cos, sin, start)
    return torch.cat([self.turned(x[..., :d], cos, sin, start), x[..., d:]], -1)


def turned(self, x: Tensor, cos: Tensor, sin: Tensor, start: int) -> Tensor:
    # x (B, nh, T, d), cos and sin (context, d) -> (B, nh, T, d): turns the pairs (i, i + d/2), token t by row start + t
    end = start + x.size(2)
    first, second = x.chunk(2, -1)
    turned = torch.cat([-second, first], -1)
    return x * cos[start:end] + turned * sin[start:end]


def split_heads(self, qkv: Tensor, heads: int, kv_heads: int) -> List[Tensor]:
    # qkv (B, T, (nh + 2 n_kv) · hs) -> views (B, nh, T, hs), (B, n_kv, T, hs), (B, n_kv, T, hs)
    B, T, width = qkv.shape
    n = heads + 2 * kv_heads
    q, k, v = qkv.view([B, T, n, width // n]).split_with_sizes([heads, kv_heads, kv_heads], 2)
    return [q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)]


def repeat_heads(self, x: Tensor, times: int) -> Tensor:
    # x (B, n_kv, T, hs) -> (B, n_kv · times, T, hs), each head so many times in a row
    return x.repeat_interleave(times, 1)


def merge_heads(self, x: Tensor) -> Tensor:
    # x (B, nh, T, hs) -> (B, T, nh · hs)
    B, nh, T, hs = x.shape
    return x.transpose(1, 2).reshape([B, T, nh * hs])


def attention(self, q: Tensor, k: Tensor, v: Tensor, dropout: float) -> Tensor:
    # q, k and v (B, nh, T, hs) -> (B, T, nh · hs)
    return self.merge_heads(torch.scaled_dot_product_attention(q, k, v, dropout_p=dropout, is_causal=True))


def attention_pattern(self, q: Tensor, k: Tensor) -> Tensor:
    # q and k (B, nh, T, hs) -> (B, nh, T, T), each row sums to 1
    T = q.size(2)
    scores = q @ k.transpose(2, 3) / torch.sqrt(q.size(3))
    future = q.new_ones([T, T]).triu(1) > 0
    return scores.masked_fill(future, -inf).softmax(-1)


def cached_attention(self, q: Tensor, k: Tensor, v: Tensor, keys: Tensor, values: Tensor, start: int) -> Tensor:
    # q (B, nh, T, hs), k and v (B, n_kv, T, hs), keys and values (B, n_kv, capacity, hs), written from start on -> (B, T, nh · hs)
    B, nh, T, hs = q.shape
    n_kv = k.size(1)
    group = nh // n_kv  # query heads that read one key head
    end = start + T
    keys.narrow(2, start, T).copy_(k)
    values.narrow(2, start, T).copy_(v)
    seen_keys = keys.narrow(2, 0, end)
    seen_values = values.narrow(2, 0, end)
    if T == 1:
        grouped = q.reshape([B, n_kv, group, hs])
        pattern = ((grouped / torch.sqrt(hs)) @ seen_keys.transpose(2, 3)).softmax(-1)  # (B, n_kv, group, end)
        return self.merge_heads((pattern @ seen_values).reshape([B, nh, 1, hs]))
    each_key = self.repeat_heads(seen_keys, group)
    each_value = self.repeat_heads(seen_values, group)
    if start == 0:
        return self.attention(q, each_key, each_value, 0.0)
    past = q.new_ones([T, end]).tril(start) > 0  # is_causal would let the first token see the first key only
    return self.merge_heads(torch.scaled_dot_product_attention(q, each_key, each_value, attn_mask=past))
