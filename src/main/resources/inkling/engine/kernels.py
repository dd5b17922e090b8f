class Kernels(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  def few_rows(self: __torch__.Kernels, x: Tensor, channels: int) -> bool:
    few = torch.__and__(torch.eq(torch.size(x, -2), 1), torch.le(torch.numel(x), torch.mul(16, channels)))
    return torch.__and__(torch.__and__(few, torch.__not__(torch.is_grad_enabled())), torch.__not__(ops.prim.is_cuda(x)))
  def rows_times_transposed(self: __torch__.Kernels, x: Tensor, w: Tensor) -> Tensor:
    return ops.mkldnn._linear_pointwise(x, w, None, "none", annotate(List[Optional[number]], []), None)
  def rows_times(self: __torch__.Kernels, x: Tensor, w: Tensor) -> Tensor:
    k = torch.size(w, 0)
    if torch.__and__(torch.eq(torch.numel(x), k), torch.eq(torch.remainder(k, 8), 0)):
      eighth = torch.floordiv(k, 8)
      y = torch.sum(torch.bmm(torch.reshape(x, [8, 1, eighth]), torch.view(w, [8, eighth, torch.size(w, 1)])), [0], True)
    else:
      y = (self).rows_times_transposed(x, torch.t(w))
    return y
  def product(self: __torch__.Kernels, x: Tensor, w: Tensor, b: Optional[Tensor]) -> Tensor:
    if ops.prim.is_cuda(x):
      y = torch.linear(x, w, b)
    else:
      y = ops.mkldnn._linear_pointwise(x, w, b, "none", annotate(List[Optional[number]], []), None)
    return y
  def many_rows(self: __torch__.Kernels, x: Tensor, w: Tensor, b: Optional[Tensor]) -> Tensor:
    if torch.is_grad_enabled():
      y = torch.linear(x, w, b)
    else:
      y = (self).product(x, w, b)
    return y
  def linear(self: __torch__.Kernels, x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    if (self).few_rows(x, torch.size(w, 0)):
      y = torch.add_((self).rows_times(x, w), b)
    else:
      y = (self).many_rows(x, torch.t(w), b)
    return y
  def linear_no_bias(self: __torch__.Kernels, x: Tensor, w: Tensor) -> Tensor:
    if (self).few_rows(x, torch.size(w, 0)):
      y = (self).rows_times(x, w)
    else:
      y = (self).many_rows(x, torch.t(w), None)
    return y
  def linear_transposed(self: __torch__.Kernels, x: Tensor, w: Tensor) -> Tensor:
    return torch.linear(x, w, None)
  def unembed(self: __torch__.Kernels, x: Tensor, w: Tensor) -> Tensor:
    return (self).many_rows(x, w, None)
  def linear_leaf(self: __torch__.Kernels, x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    wt = torch.t(torch.detach(w))
    if torch.gt(torch.numel(b), 0):
      y = (self).product(torch.detach(x), wt, torch.detach(b))
    else:
      y = (self).product(torch.detach(x), wt, None)
    return torch.requires_grad_(y, True)
  def embedding(self: __torch__.Kernels, ids: Tensor, w: Tensor) -> Tensor:
    return torch.embedding(w, ids)
  def layer_norm(self: __torch__.Kernels, x: Tensor, w: Tensor, b: Tensor, eps: Tensor) -> Tensor:
    return torch.layer_norm(x, [torch.size(w, 0)], w, b, float(eps), False)
  def layer_norm_no_bias(self: __torch__.Kernels, x: Tensor, w: Tensor, eps: Tensor) -> Tensor:
    return torch.layer_norm(x, [torch.size(w, 0)], w, None, float(eps), False)
  def rms_norm(self: __torch__.Kernels, x: Tensor, w: Tensor, eps: Tensor) -> Tensor:
    m = torch.mean(torch.mul(x, x), [-1], True)
    return torch.mul(torch.mul(x, torch.rsqrt(torch.add(m, float(eps)))), w)
  def gelu_tanh(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.gelu(x, approximate="tanh")
  def gelu(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.gelu(x, approximate="none")
  def relu(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.relu(x)
  def relu_squared(self: __torch__.Kernels, x: Tensor) -> Tensor:
    y = torch.relu(x)
    return torch.mul(y, y)
  def swiglu(self: __torch__.Kernels, up: Tensor, gate: Tensor) -> Tensor:
    return torch.mul(torch.silu(gate), up)
  def dropout(self: __torch__.Kernels, x: Tensor, p: Tensor) -> Tensor:
    return torch.dropout(x, float(p), True)
  def rope(self: __torch__.Kernels, x: Tensor, cos: Tensor, sin: Tensor, start: Tensor) -> Tensor:
    s = int(start)
    t = torch.size(x, 2)
    a, b, = torch.chunk(x, 2, -1)
    turned = torch.cat([torch.neg(b), a], -1)
    return torch.add(torch.mul(x, torch.narrow(cos, 0, s, t)), torch.mul(turned, torch.narrow(sin, 0, s, t)))
  def split_heads(self: __torch__.Kernels, qkv: Tensor, heads: Tensor, kv_heads: Tensor) -> List[Tensor]:
    nh = int(heads)
    nkv = int(kv_heads)
    n = torch.add(nh, torch.mul(2, nkv))
    all = torch.view(qkv, [torch.size(qkv, 0), torch.size(qkv, 1), n, torch.floordiv(torch.size(qkv, 2), n)])
    parts = torch.split_with_sizes(all, [nh, nkv, nkv], 2)
    q = torch.transpose(parts[0], 1, 2)
    k = torch.transpose(parts[1], 1, 2)
    v = torch.transpose(parts[2], 1, 2)
    return annotate(List[Tensor], [q, k, v])
  def repeat_heads(self: __torch__.Kernels, x: Tensor, times: Tensor) -> Tensor:
    return torch.repeat_interleave(x, int(times), 1)
  def merge_heads(self: __torch__.Kernels, x: Tensor) -> Tensor:
    y = torch.transpose(x, 1, 2)
    return torch.reshape(y, [torch.size(y, 0), torch.size(y, 1), torch.mul(torch.size(y, 2), torch.size(y, 3))])
  def attention(self: __torch__.Kernels, q: Tensor, k: Tensor, v: Tensor, p: Tensor) -> Tensor:
    return (self).merge_heads(torch.scaled_dot_product_attention(q, k, v, None, float(p), True))
  def attention_pattern(self: __torch__.Kernels, q: Tensor, k: Tensor) -> Tensor:
    scores = torch.div(torch.matmul(q, torch.transpose(k, 2, 3)), torch.sqrt(torch.size(q, 3)))
    t = torch.size(q, 2)
    future = torch.triu(torch.ones([t, t], dtype=11, layout=None, device=torch.device("cpu"), pin_memory=None), 1)
    return torch.softmax(torch.masked_fill(scores, torch.to(future, ops.prim.device(q)), -inf), -1)
  def cached_attention(self: __torch__.Kernels, q: Tensor, k: Tensor, v: Tensor, keys: Tensor, values: Tensor, start: Tensor) -> Tensor:
    s = int(start)
    t = torch.size(q, 2)
    n = torch.add(s, t)
    _0 = torch.copy_(torch.narrow(keys, 2, s, t), k)
    _1 = torch.copy_(torch.narrow(values, 2, s, t), v)
    kk = torch.narrow(keys, 2, 0, n)
    vv = torch.narrow(values, 2, 0, n)
    b = torch.size(q, 0)
    g = torch.floordiv(torch.size(q, 1), torch.size(k, 1))
    if torch.eq(t, 1):
      grouped = torch.reshape(q, [b, torch.size(k, 1), g, torch.size(q, 3)])
      scores = torch.matmul(torch.div(grouped, torch.sqrt(torch.size(q, 3))), torch.transpose(kk, 2, 3))
      out = torch.matmul(torch.softmax(scores, -1), vv)
      y = torch.reshape(out, [b, torch.size(q, 1), 1, torch.size(q, 3)])
    else:
      kr = torch.repeat_interleave(kk, g, 1)
      vr = torch.repeat_interleave(vv, g, 1)
      if torch.eq(s, 0):
        y1 = torch.scaled_dot_product_attention(q, kr, vr, None, 0., True)
      else:
        past = torch.tril(torch.ones([t, n], dtype=11, layout=None, device=torch.device("cpu"), pin_memory=None), s)
        y1 = torch.scaled_dot_product_attention(q, kr, vr, torch.to(past, ops.prim.device(q)), 0., False)
      y = y1
    return (self).merge_heads(y)
  def norm(self: __torch__.Kernels, x: Tensor, w: Tensor, b: Tensor, eps: Tensor, rms: bool) -> Tensor:
    if rms:
      y = (self).rms_norm(x, w, eps)
    else:
      if torch.gt(torch.numel(b), 0):
        y1 = (self).layer_norm(x, w, b, eps)
      else:
        y1 = (self).layer_norm_no_bias(x, w, eps)
      y = y1
    return y
  def in_strips(self: __torch__.Kernels, w: Tensor, width: Tensor) -> Tensor:
    k = torch.size(w, 0)
    n = int(width)
    whole = torch.floordiv(torch.size(w, 1), n)
    rest = torch.remainder(torch.size(w, 1), n)
    if torch.eq(rest, 0):
      strips = torch.contiguous(torch.transpose(torch.view(w, [k, whole, n]), 0, 1))
    else:
      strips = torch.new_zeros(w, [torch.add(whole, 1), k, n])
      columns = torch.view(torch.narrow(w, 1, 0, torch.mul(whole, n)), [k, whole, n])
      _0 = torch.copy_(torch.narrow(strips, 0, 0, whole), torch.transpose(columns, 0, 1))
      _1 = torch.copy_(torch.narrow(torch.select(strips, 0, whole), 1, 0, rest), torch.narrow(w, 1, torch.mul(whole, n), rest))
    return strips
  def rows_times_strips(self: __torch__.Kernels, x: Tensor, strips: Tensor) -> Tensor:
    n = torch.size(strips, 0)
    y = torch.bmm(torch.expand(torch.reshape(x, [1, -1, torch.size(x, -1)]), [n, -1, -1]), strips)
    return torch.reshape(torch.transpose(y, 0, 1), [torch.size(x, 0), 1, -1])
  def unembed_strips(self: __torch__.Kernels, x: Tensor, strips: Tensor, vocabulary: Tensor) -> Tensor:
    return torch.narrow((self).rows_times_strips(x, strips), -1, 0, int(vocabulary))
  def project(self: __torch__.Kernels, x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    biased = torch.gt(torch.numel(b), 0)
    if torch.eq(torch.dim(w), 3):
      y1 = (self).rows_times_strips(x, w)
      if biased:
        y2 = torch.add_(y1, b)
      else:
        y2 = y1
      y = y2
    else:
      if biased:
        y3 = (self).linear(x, w, b)
      else:
        y3 = (self).linear_no_bias(x, w)
      y = y3
    return y
  def activate(self: __torch__.Kernels, up: Tensor, x: Tensor, w: Tensor, b: Tensor, kind: int) -> Tensor:
    if torch.eq(kind, 0):
      y = (self).gelu_tanh(up)
    else:
      if torch.eq(kind, 1):
        y1 = (self).gelu(up)
      else:
        if torch.eq(kind, 2):
          y2 = (self).relu(up)
        else:
          if torch.eq(kind, 3):
            y3 = (self).relu_squared(up)
          else:
            y3 = (self).swiglu(up, (self).project(x, w, b))
          y2 = y3
        y1 = y2
      y = y1
    return y
  def decode(self: __torch__.Kernels, x: Tensor, start: Tensor, heads: Tensor, kv_heads: Tensor, eps: Tensor, rms: Tensor, activation: Tensor, cos: Tensor, sin: Tensor, w: List[Tensor], k: List[Tensor], v: List[Tensor]) -> Tensor:
    r = bool(rms)
    kind = int(activation)
    rotary = torch.gt(torch.numel(cos), 0)
    h = x
    for i in range(torch.len(k)):
      j = torch.mul(i, 14)
      a = (self).norm(h, w[j], w[torch.add(j, 1)], eps, r)
      qkv = (self).split_heads((self).project(a, w[torch.add(j, 2)], w[torch.add(j, 3)]), heads, kv_heads)
      if rotary:
        q = (self).rope(qkv[0], cos, sin, start)
        key = (self).rope(qkv[1], cos, sin, start)
      else:
        q = qkv[0]
        key = qkv[1]
      attended = (self).cached_attention(q, key, qkv[2], k[i], v[i], start)
      h1 = torch.add(h, (self).project(attended, w[torch.add(j, 4)], w[torch.add(j, 5)]))
      b = (self).norm(h1, w[torch.add(j, 6)], w[torch.add(j, 7)], eps, r)
      up = (self).project(b, w[torch.add(j, 8)], w[torch.add(j, 9)])
      thought = (self).activate(up, b, w[torch.add(j, 10)], w[torch.add(j, 11)], kind)
      h = torch.add(h1, (self).project(thought, w[torch.add(j, 12)], w[torch.add(j, 13)]))
    return h
  def cross_entropy(self: __torch__.Kernels, logits: Tensor, targets: Tensor) -> Tensor:
    v = torch.size(logits, -1)
    return torch.cross_entropy_loss(torch.reshape(logits, [-1, v]), torch.reshape(targets, [-1]), None, 1, -1, 0.)
  def cross_entropy_each(self: __torch__.Kernels, logits: Tensor, targets: Tensor) -> Tensor:
    v = torch.size(logits, -1)
    nll = torch.cross_entropy_loss(torch.reshape(logits, [-1, v]), torch.reshape(targets, [-1]), None, 0, -1, 0.)
    return torch.reshape(nll, torch.size(targets))
  def unembedding_loss(self: __torch__.Kernels, y: Tensor, w: Tensor, targets: Tensor, weight: Tensor, rows: Tensor, learn: Tensor) -> List[Tensor]:
    x = torch.reshape(y, [-1, torch.size(w, 1)])
    t = torch.reshape(targets, [-1, 1])
    n = torch.size(x, 0)
    dx = torch.zeros_like(x)
    loss = torch.sum(torch.zeros_like(torch.narrow(x, 0, 0, 1)))
    dw = annotate(List[Tensor], [])
    step = int(rows)
    for i in range(torch.floordiv(torch.sub(torch.add(n, step), 1), step)):
      start = torch.mul(i, step)
      m = ops.prim.min(step, torch.sub(n, start))
      xc = torch.narrow(x, 0, start, m)
      tc = torch.narrow(t, 0, start, m)
      counted = torch.to(torch.ge(tc, 0), ops.prim.dtype(x))
      index = torch.clamp(tc, 0)
      logp = torch.log_softmax((self).unembed(xc, w), -1)
      _0 = torch.sub_(loss, torch.mul(torch.sum(torch.mul(torch.gather(logp, 1, index), counted)), float(weight)))
      dz = torch.exp_(logp)
      _1 = torch.scatter_add_(dz, 1, index, torch.neg(torch.ones_like(counted)))
      _2 = torch.mul_(dz, torch.mul(counted, float(weight)))
      _3 = torch.copy_(torch.narrow(dx, 0, start, m), (self).product(dz, torch.t(w), None))
      if bool(learn):
        if torch.eq(i, 0):
          _4 = torch.append(dw, torch.matmul(torch.t(dz), xc))
        else:
          _5 = torch.addmm_(dw[0], torch.t(dz), xc)
    out = annotate(List[Tensor], [loss, torch.reshape(dx, torch.size(y))])
    if bool(learn):
      _6 = torch.append(out, dw[0])
    return out
  def add_rows(self: __torch__.Kernels, table: Tensor, ids: Tensor, rows: Tensor) -> Tensor:
    return torch.index_add_(table, 0, torch.reshape(ids, [-1]), torch.reshape(rows, [-1, torch.size(table, 1)]))
  def gradients(self: __torch__.Kernels, y: Tensor, p: List[Tensor]) -> List[Tensor]:
    g = torch.grad([y], p, None, None, False, False)
    r = annotate(List[Tensor], [])
    for i in range(torch.len(g)):
      _0 = torch.append(r, unchecked_cast(Tensor, g[i]))
    return r
  def add_gradients(self: __torch__.Kernels, y: Tensor, dy: Tensor, p: List[Tensor], sums: List[Tensor]) -> List[Tensor]:
    g = torch.grad([y], p, annotate(List[Optional[Tensor]], [dy]), True, False, True)
    for i in range(torch.len(g)):
      gi = g[i]
      if torch.__isnot__(gi, None):
        more = unchecked_cast(Tensor, gi)
        if torch.eq(torch.numel(sums[i]), 0):
          _0 = torch._set_item(sums, i, more)
        else:
          _1 = torch._set_item(sums, i, torch.add(sums[i], more))
    return sums
  def product_by_weight(self: __torch__.Kernels, x: Tensor, dy: Tensor) -> Tensor:
    if torch.lt(torch.size(x, 1), torch.size(dy, 1)):
      dw = (self).product(torch.t(x), torch.t(dy), None)
    else:
      dw = torch.mm(torch.t(x), dy)
    return dw
  def product_by_input(self: __torch__.Kernels, dy: Tensor, w: Tensor) -> Tensor:
    if torch.__and__(torch.lt(torch.size(dy, 0), 512), torch.eq(torch.remainder(torch.size(w, 1), 1024), 0)):
      dx = torch.mm(dy, torch.t(w))
    else:
      dx = (self).product(dy, w, None)
    return dx
  def linear_products(self: __torch__.Kernels, x: Tensor, w: Tensor, dy: Tensor) -> List[Tensor]:
    return annotate(List[Tensor], [(self).product(x, torch.t(w), None), (self).product_by_input(dy, w), (self).product_by_weight(x, dy)])
  def gradients_across(self: __torch__.Kernels, out: Tensor, dout: Tensor, p: List[Tensor], x: List[Tensor], w: List[Tensor], b: List[Tensor], y: List[Tensor]) -> List[Tensor]:
    n = torch.len(p)
    m = torch.len(y)
    ends = torch.add(p, y)
    none = torch.narrow(torch.reshape(torch.detach(out), [-1]), 0, 0, 0)
    sums = annotate(List[Tensor], [])
    for i in range(torch.add(n, m)):
      _0 = torch.append(sums, none)
    found = annotate(List[Tensor], [])
    for i in range(torch.mul(2, m)):
      _1 = torch.append(found, none)
    _2 = (self).add_gradients(out, dout, ends, sums)
    for j in range(m):
      i = torch.sub(torch.sub(m, 1), j)
      wi = torch.detach(w[i])
      dy = torch.reshape(sums[torch.add(n, i)], [-1, torch.size(wi, 1)])
      _3 = torch._set_item(sums, torch.add(n, i), none)
      _4 = (self).add_gradients(x[i], torch.view((self).product_by_input(dy, wi), torch.size(x[i])), ends, sums)
      if ops.prim.requires_grad(w[i]):
        _5 = torch._set_item(found, torch.mul(2, i), (self).product_by_weight(torch.reshape(torch.detach(x[i]), [-1, torch.size(wi, 0)]), dy))
      if ops.prim.requires_grad(b[i]):
        _6 = torch._set_item(found, torch.add(torch.mul(2, i), 1), torch.sum(dy, [0]))
    return torch.add(torch.slice(sums, 0, n, 1), found)
  def add_all(self: __torch__.Kernels, scale: Tensor, a: List[Tensor], b: List[Tensor]) -> Tensor:
    torch._foreach_add_(a, b, alpha=float(scale))
    return scale
  def copy_all(self: __torch__.Kernels, token: Tensor, a: List[Tensor], b: List[Tensor]) -> Tensor:
    torch._foreach_copy_(a, b)
    return token
  def global_norm(self: __torch__.Kernels, g: List[Tensor]) -> Tensor:
    return torch.linalg_vector_norm(torch.stack(torch._foreach_norm(g, 2)), 2)
  def adamw(self: __torch__.Kernels, lr: Tensor, beta1: Tensor, beta2: Tensor, decay: Tensor, eps: Tensor, divisor: Tensor, p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], s: List[Tensor]) -> Tensor:
    laid_out = annotate(List[Tensor], [])
    for i in range(torch.len(g)):
      _0 = torch.append(laid_out, torch.contiguous(g[i]))
    torch._fused_adamw_(p, laid_out, m, v, annotate(List[Tensor], []), s, lr=float(lr), beta1=float(beta1), beta2=float(beta2), weight_decay=float(decay), eps=float(eps), amsgrad=False, maximize=False, grad_scale=divisor, found_inf=None)
    return lr
  def muon(self: __torch__.Kernels, lr: Tensor, momentum: Tensor, decay: Tensor, divisor: Tensor, p: List[Tensor], g: List[Tensor], b: List[Tensor]) -> Tensor:
    mu = float(momentum)
    torch._foreach_div_(g, float(divisor))
    torch._foreach_lerp_(b, g, torch.sub(1., mu))
    torch._foreach_lerp_(g, b, mu)
    u = torch.stack(g)
    rows = torch.size(u, 1)
    columns = torch.size(u, 2)
    if torch.gt(rows, columns):
      x = torch.contiguous(torch.transpose(u, 1, 2))
    else:
      x = u
    x1 = torch.div(x, torch.add(torch.linalg_vector_norm(x, 2, [1, 2], True), 9.9999999999999995e-08))
    a = torch.bmm(x1, torch.transpose(x1, 1, 2))
    if torch.lt(torch.size(x1, 2), torch.mul(2, torch.size(x1, 1))):
      for i in range(5):
        if torch.gt(i, 0):
          a = torch.bmm(x1, torch.transpose(x1, 1, 2))
        c = torch.baddbmm(a, a, a, beta=-4.7750000000000004, alpha=2.0314999999999999)
        x1 = torch.baddbmm(x1, c, x1, beta=3.4445000000000001, alpha=1)
      x2 = x1
    else:
      eye = torch.eye(torch.size(a, 1), dtype=ops.prim.dtype(a), layout=None, device=ops.prim.device(a), pin_memory=None)
      q = torch.expand_as(eye, a)
      for i in range(5):
        f = torch.add(torch.baddbmm(a, a, a, beta=-4.7750000000000004, alpha=2.0314999999999999), eye, alpha=3.4445000000000001)
        q = torch.bmm(f, q)
        if torch.lt(i, 4):
          a = torch.bmm(torch.bmm(f, a), f)
      x2 = torch.bmm(q, x1)
    if torch.gt(rows, columns):
      y = torch.transpose(x2, 1, 2)
    else:
      y = x2
    rate = float(lr)
    scale = torch.sqrt(ops.prim.max(1., torch.div(columns, rows)))
    torch._foreach_mul_(p, torch.sub(1., torch.mul(rate, float(decay))))
    torch._foreach_add_(p, torch.unbind(y), alpha=torch.neg(torch.mul(rate, scale)))
    return lr
