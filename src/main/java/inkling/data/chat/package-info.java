/**
 * Conversations: read in several common shapes, written as tokens, and masked so that only answers count in the loss.
 * Start with {@link inkling.data.chat.Conversations}.
 * It must not know arrays or models.
 */
package inkling.data.chat;
