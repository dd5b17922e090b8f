/**
 * Reads conversations in several common shapes, writes them as tokens, and masks them so that only answers count in the loss.
 * Start with {@link inkling.data.chat.Conversations}.
 * This package must not know NDArrays or models.
 */
package inkling.data.chat;
