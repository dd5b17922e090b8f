# Weights in fewer bytes, for models that are not trained (docs/decisions/0024): bfloat16, and int8 with a factor for each output. The sums
# of a product are float32 or exact, but some products round each sum to bfloat16; the vectors between the products stay in float32.
# The kernels `float32` and `linear_bf16` also serve training (docs/decisions/0026).
# Shapes: … any axes, V vocabulary, C channels.
# A packed weight is in oneDNN's own order: see product_onednn.py.


def float32(self, x: Tensor) -> Tensor:
    # x (…) of any type -> (…) in float32; x itself if it is in float32 already. A packed matrix (out, in) becomes dense (in, out).
    FLOAT32 = 6
    return x.to_dense().t().to(FLOAT32) if x.is_mkldnn else x.to(FLOAT32)


def to_bf16(self, w: Tensor) -> Tensor:
    # w (in, out) -> (in, out) in bfloat16, stored in column order: output by output
    BF16 = 15
    inputs, outputs = w.shape
    return w.new_empty([outputs, inputs], dtype=BF16).copy_(w.t()).t()


def to_bf16_packed(self, w: Tensor) -> Tensor:
    # w (in, out) -> packed in bfloat16, or as to_bf16 gives it if it cannot be packed
    return self.packed(self.to_bf16(w))


def packed_table(self, w: Tensor) -> Tensor:
    # w (V, C) -> (V, C) packed, or w itself if it cannot be packed
    table = self.packed(w.t())
    return table if table.is_mkldnn else w


def to_int8(self, w: Tensor) -> List[Tensor]:
    # w (in, out) -> whole numbers from -127 to 127 (in, out), stored in column order, and the factor of each output (out).
    # An output's factor is large enough for its largest weight. It is in bfloat16 already, so that no product rounds it.
    INT8 = 1
    BF16 = 15
    PART = 1024  # outputs at a time, so that no second copy of the whole matrix in float32 is made
    inputs, outputs = w.shape
    values = w.new_empty([outputs, inputs], dtype=INT8)
    factors = w.new_empty([outputs], dtype=BF16)
    for i in range((outputs + PART - 1) // PART):
        first = i * PART
        count = min(PART, outputs - first)
        part = w.narrow(1, first, count)
        largest = part.abs().amax([0]) / 127.0
        near = largest.to(BF16)
        above = (largest * 1.0078125).to(BF16)  # the next number of bfloat16, or the one after it
        factor = above.where(self.float32(near) < largest, near)
        factors.narrow(0, first, count).copy_(factor)
        values.narrow(0, first, count).copy_((part / self.float32(factor).clamp_min(1e-30)).round_().t())
    return [values.t(), factors]


def linear_bf16(self, x: Tensor, w: Tensor, b: Optional[Tensor]) -> Tensor:
    # x (…, in), w (out, in) in bfloat16, which may be packed, b (out) -> (…, out)
    BF16 = 15
    short = x.to(BF16)
    y = self.float32(self.product_on_cpu(short, w, None) if w.is_mkldnn else torch.linear(short, w))
    return y if b is None else y + b


def linear_int8(self, x: Tensor, w: Tensor, factors: Tensor, b: Optional[Tensor] = None) -> Tensor:
    # x (…, in), w (in, out) in int8, factors (out), b (out) -> (…, out)
    FEW = 4
    BF16 = 15
    inputs, outputs = w.shape
    rows = x.reshape([-1, inputs])
    if rows.size(0) <= FEW and inputs % 32 == 0 and outputs % 32 == 0:  # for other shapes, _weight_int8pack_mm reads past the end
        y = self.float32(rows.to(BF16)._weight_int8pack_mm(w.t(), factors))
    else:
        y = self.rows_times_int8(rows, w, factors)
    if b is not None:
        y += b
    shape = x.shape
    return y.view(shape[:-1] + [outputs])


def int8_product(self, a: Tensor, b: Tensor) -> Tensor:
    # a (n, k), b (k, m) in int8 -> (n, m) in int32
    return a._int_mm(b)


def rows_times_int8(self, rows: Tensor, w: Tensor, factors: Tensor) -> Tensor:
    # rows (n, in), w (in, out) in int8, factors (out) -> (n, out). Each number x of a row becomes two whole numbers of 8 bits, high and
    # low: x = factor · (high + low / 254), nearly. The sums of their products with w are exact.
    INT8 = 1
    factor = (rows.abs().amax([1], True) / 127.0).clamp_min(1e-30)
    scaled = rows / factor
    high = scaled.round()
    both = torch.cat([high, (scaled - high) * 254.0]).round_().to(INT8)
    of_high, of_low = self.float32(both._int_mm(w)).chunk(2, 0)
    return of_high.add(of_low, alpha=0.003937007874015748) * factor * self.float32(factors)


def unembed_int8(self, x: Tensor, w: Tensor, factors: Tensor) -> Tensor:
    # x (…, C), w (V, C) in int8, factors (V) -> logits (…, V). They are never rounded to bfloat16, which would make many of them equal.
    shape = x.shape
    return self.rows_times_int8(x.reshape([-1, x.size(-1)]), w.t(), factors).view(shape[:-1] + [w.size(0)])


def embedding_int8(self, ids: Tensor, table: Tensor, factors: Tensor) -> Tensor:
    # ids (B, T), table (V, C) in int8, factors (V) -> (B, T, C)
    return self.float32(torch.embedding(table, ids)) * self.float32(factors.view([-1, 1])).index_select(0, ids.reshape([-1])).view(
        ids.shape + [1])
