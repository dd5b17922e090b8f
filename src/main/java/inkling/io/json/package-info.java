/**
 * JSON read without surprises: no repeated key, no coercion, every error names file and key.
 * Start with {@link inkling.io.json.StrictJson}, then {@link inkling.io.json.JsonFields}.
 * It must not know any key by name.
 */
package inkling.io.json;
