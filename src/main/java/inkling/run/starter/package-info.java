/**
 * A first run file for somebody's own text: {@link inkling.run.starter.StarterFile} (start here) chooses its values by
 * {@link inkling.run.starter.StarterText}, what is known of the text, and by what the machine can do in some minutes.
 * It must not know commands, nor runs that exist.
 */
package inkling.run.starter;
