# Kernels that update many arrays at once, in place, and one that takes their norm. The lists of one call have the same length, and their
# i-th arrays have the same shape, except AdamW's steps.


def add_all(self, a: List[Tensor], b: List[Tensor], scale: float) -> None:
    # a += scale · b for each pair of arrays (…)
    torch._foreach_add_(a, b, alpha=scale)


def copy_all(self, a: List[Tensor], b: List[Tensor]) -> None:
    # a <- b for each pair of arrays (…)
    torch._foreach_copy_(a, b)


def global_norm(self, arrays: List[Tensor]) -> Tensor:
    # arrays (…) -> (), the square root of the sum of all squares
    return torch.linalg_vector_norm(torch.stack(torch._foreach_norm(arrays, 2)), 2)


def adamw(self, p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], steps: List[Tensor], divisor: Tensor,
          rate: float, beta1: float, beta2: float, decay: float, eps: float) -> None:
    # Parameters p, gradients g, moments m and v (…); steps and divisor (). Each of steps is the number of the update, from 1, and is not
    # changed here. Gradients are divided by divisor first, which may overwrite g.
    rows = [gradient.contiguous() for gradient in g]  # the fused update ignores strides and reads memory in order
    no_maxima: List[Tensor] = []
    torch._fused_adamw_(p, rows, m, v, no_maxima, steps, lr=rate, beta1=beta1, beta2=beta2, weight_decay=decay, eps=eps,
                        amsgrad=False, maximize=False, grad_scale=divisor, found_inf=None)


def orthogonalise(self, u: Tensor) -> Tensor:
    # u (matrices, short, long) -> the same shape, with singular values near 1. Five steps x <- (A I + B x x' + C (x x')²) x move them
    # there, where x' is x transposed (Jordan et al. 2024).
    STEPS = 5
    A = 3.4445
    B = -4.775
    C = 2.0315
    LEAST = 1e-7
    x = u / (torch.linalg_vector_norm(u, 2, [1, 2], True) + LEAST)
    square = x.bmm(x.transpose(1, 2))  # (matrices, short, short)
    if x.size(2) < 2 * x.size(1):
        for i in range(STEPS):
            if i > 0:
                square = x.bmm(x.transpose(1, 2))
            x = x.baddbmm(square.baddbmm(square, square, beta=B, alpha=C), x, beta=A)
        return x
    # For long matrices: first multiply the factors (short, short) of the five steps with each other, then multiply x only once.
    eye = torch.eye(x.size(1), dtype=x.dtype, device=x.device)
    factors = eye.expand_as(square)
    for i in range(STEPS):
        factor = square.baddbmm(square, square, beta=B, alpha=C).add(eye, alpha=A)
        factors = factor.bmm(factors)
        if i < STEPS - 1:
            square = factor.bmm(square).bmm(factor)
    return factors.bmm(x)


def muon(self, p: List[Tensor], g: List[Tensor], momenta: List[Tensor], rate: float, momentum: float, decay: float, divisor: float,
         scale: float) -> None:
    # Parameters p, gradients g and momenta, all arrays of one shape (rows, columns). The update is multiplied by scale. g is overwritten.
    torch._foreach_div_(g, divisor)
    torch._foreach_lerp_(momenta, g, 1.0 - momentum)
    torch._foreach_lerp_(g, momenta, momentum)
    rows, columns = g[0].shape
    u = torch.stack(g)
    if rows > columns:
        u = self.orthogonalise(u.transpose(1, 2).contiguous()).transpose(1, 2)
    else:
        u = self.orthogonalise(u)
    torch._foreach_mul_(p, 1.0 - rate * decay)
    torch._foreach_add_(p, u.unbind(), alpha=-(rate * scale))
