# Products of factors in bfloat16, whose sums are float32 (docs/decisions/0026).
# Shapes: … any axes. Everything but the factors of products stays float32.


def bf16(self, x: Tensor) -> Tensor:
    # x (…) -> (…) in bfloat16, x itself if it is already; recorded for gradients where recording is on
    BF16 = 15
    return x.to(BF16)


def bf16_copies(self, arrays: List[Tensor]) -> List[Tensor]:
    # n arrays (…) -> n of the same shapes (…) in bfloat16, in memory of their own
    BF16 = 15
    copies: List[Tensor] = []
    for each in arrays:
        copies.append(each.detach().to(BF16))
    return copies
