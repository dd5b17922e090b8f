/**
 * An architecture as values, without any array.
 * Start with {@link inkling.model.config.GptConfig}; {@link inkling.model.config.GptOptions} is the same as files say it.
 * It must not know how the numbers are computed.
 */
package inkling.model.config;
