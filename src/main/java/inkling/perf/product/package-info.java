/**
 * How fast single matrix products are on this machine: in float32 and in bfloat16 ({@link inkling.perf.product.Bf16Speed}, start
 * here), and by each library ({@link inkling.perf.product.ProductBench}).
 * This package must not know training steps or run directories.
 */
package inkling.perf.product;
