/**
 * Arrays to and from a file of tensors: {@link inkling.formats.tensors.Tensors}; start here. Weights, adapters and an optimizer's state all
 * go through it.
 * It must not know which file or directory they belong to.
 */
package inkling.formats.tensors;
