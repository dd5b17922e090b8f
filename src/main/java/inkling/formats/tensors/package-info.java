/**
 * Copies arrays to and from a file of tensors: weights, adapters, an optimizer's state.
 * Start with {@link inkling.formats.tensors.Tensors}.
 * This package must not know to which directory a file belongs.
 */
package inkling.formats.tensors;
