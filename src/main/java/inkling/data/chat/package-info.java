/**
 * Conversations: read in each shape that people have, written as tokens, and masked so that only answers count.
 * Start with {@link inkling.data.chat.Conversations}.
 * It must not know arrays or models.
 */
package inkling.data.chat;
