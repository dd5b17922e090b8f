/**
 * The run file: {@link inkling.runfile.RunConfig} (start here) is one training run as its YAML file asks for it; its reference
 * page and {@code --set} follow from the record.
 * It must not know how the parts are wired.
 */
package inkling.runfile;
