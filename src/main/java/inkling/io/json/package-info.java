/**
 * Reads JSON without surprises: a repeated key is an error, no value is coerced, and errors name the file, mostly with the key or line.
 * Start with {@link inkling.io.json.StrictJson}, then {@link inkling.io.json.JsonFields}.
 * This package must not know any key by name.
 */
package inkling.io.json;
