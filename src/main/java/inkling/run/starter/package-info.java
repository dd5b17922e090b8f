/**
 * A first run file for a user's own text: {@link inkling.run.starter.StarterFile} (start here) chooses its values from
 * {@link inkling.run.starter.StarterText}, the facts about the text, and from the number of updates that the machine makes in the time.
 * It must not know commands, nor runs that exist.
 */
package inkling.run.starter;
