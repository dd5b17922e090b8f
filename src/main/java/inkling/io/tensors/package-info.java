/**
 * The safetensors format, read and written tensor by tensor.
 * Start with {@link inkling.io.tensors.SafetensorsFile}.
 * Numbers come out as Java floats or doubles: the package must not know the engine's arrays.
 */
package inkling.io.tensors;
