/** From logits (V) to a distribution, from a distribution to a token, from tokens to text. No tensors: {@code float[]} comes in. */
package inkling.sample;
