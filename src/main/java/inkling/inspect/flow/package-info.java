/**
 * What flows through a model: one pass of a prompt, and the views of it. All rests on {@link inkling.inspect.flow.ForwardTrace}; every view
 * is a record of plain numbers with {@code json()}, {@code text()} and a page.
 */
package inkling.inspect.flow;
