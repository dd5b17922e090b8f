package inkling.template;

import inkling.template.value.Origin;
import inkling.template.value.Text;
import java.util.ArrayList;
import java.util.List;

/**
 * The text that a template wrote, and the origin of each part.
 *
 * @param runs the parts in order; joined, they are the whole text
 */
public record Rendering(String text, List<Run> runs) {
    /**
     * A part of the text, all of one origin.
     *
     * @param end the index in the text after the last character of this part
     * @param origin where this part came from, encoded as {@link Origin} says
     */
    public record Run(int end, int origin) {
        /** Whether this part is data, which a user may have written, and not the template's own text. */
        public boolean isData() {
            return Origin.isData(origin);
        }

        /** Whether this part is data of message {@code index}, from 0. */
        public boolean isOfMessage(int index) {
            return Origin.isOfMessage(origin, index);
        }

        /** Whether a {@code generation} block of the template marks this part as text that the model writes. */
        public boolean isGenerated() {
            return Origin.isGenerated(origin);
        }
    }

    static Rendering of(Text text) {
        List<Run> runs = new ArrayList<>();
        for (int i = 0; i < text.runs(); i++) {
            runs.add(new Run(text.end(i), text.origin(i)));
        }
        return new Rendering(text.toString(), List.copyOf(runs));
    }
}
