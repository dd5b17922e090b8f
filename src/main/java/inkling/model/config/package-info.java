/**
 * The description of an architecture: values alone, no arrays.
 * Start with {@link inkling.model.config.GptConfig}; {@link inkling.model.config.GptOptions} is its form in files.
 * It must not know how the numbers are computed.
 */
package inkling.model.config;
