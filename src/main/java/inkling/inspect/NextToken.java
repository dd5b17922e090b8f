package inkling.inspect;

import inkling.errors.Printable;
import inkling.generate.Distribution;
import inkling.generate.Largest;
import inkling.generate.TokenText;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A token that may come next.
 *
 * @param token the vocabulary's own string; {@code #17} for id 17 if no tokenizer has it
 * @param label the token in readable form
 * @param probability at temperature 1, without truncation
 * @param logit as the model computes it
 */
public record NextToken(int id, String token, String label, double probability, double logit) {
    /** The {@code min(n, V)} likeliest tokens of {@code logits} (V), in order. */
    public static List<NextToken> likeliest(float[] logits, int n, TokenText tokenText) {
        double[] wide = doubles(logits);
        Distribution p = Distribution.softmax(wide, 1);
        return Arrays.stream(Largest.of(wide, n)).mapToObj(id -> of(id, p, wide, tokenText)).toList();
    }

    static NextToken of(int id, Distribution p, double[] logits, TokenText tokenText) {
        return new NextToken(id, tokenText.token(id).orElseGet(() -> tokenText.readable(id)), label(tokenText, id),
            p.probability(id), logits[id]);
    }

    static double[] doubles(float[] logits) {
        double[] wide = new double[logits.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = logits[i];
        }
        return wide;
    }

    /** The readable form of a token, with the spaces at its ends as ␣. */
    public static String label(TokenText tokenText, int id) {
        return Printable.spaced(tokenText.readable(id));
    }

    /** For JSON documents. */
    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", id);
        json.put("token", token);
        json.put("probability", probability);
        json.put("logit", logit);
        return json;
    }
}
