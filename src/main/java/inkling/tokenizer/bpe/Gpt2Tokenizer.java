package inkling.tokenizer.bpe;

import com.knuddels.jtokkit.api.EncodingRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * GPT-2's tokenizer, read from {@code r50k_base.tiktoken} in jtokkit: each line has a token's bytes and its id. The file does not say
 * which two tokens were merged into each token. To find them, the earlier merges are applied to the token's bytes: two tokens remain.
 */
final class Gpt2Tokenizer {
    private static final String RESOURCE = "/com/knuddels/jtokkit/r50k_base.tiktoken";
    private static final int RANKS = 50_256;   // tokens in the file: 256 bytes and 50,000 merges

    /** Read at its first use, which takes about 0.2 s. */
    static final BpeTokenizer TOKENIZER = new BpeTokenizer("GPT-2", model(tokensByRank()));

    private Gpt2Tokenizer() {}

    private static BpeModel model(List<byte[]> tokensByRank) {
        int[] idOfByte = new int[256];
        Merges earlier = new Merges(RANKS);
        List<String> tokens = new ArrayList<>(RANKS + 1);
        List<BpeModel.Merge> merges = new ArrayList<>(RANKS);
        for (int id = 0; id < tokensByRank.size(); id++) {
            byte[] bytes = tokensByRank.get(id);
            tokens.add(ByteAlphabet.write(bytes));
            if (bytes.length == 1) {
                idOfByte[bytes[0] & 0xFF] = id;
                continue;
            }
            int[] parts = new int[bytes.length];
            for (int i = 0; i < parts.length; i++) {
                parts[i] = idOfByte[bytes[i] & 0xFF];
            }
            int count = earlier.apply(parts, parts.length);
            if (count != 2) {
                throw new IllegalStateException("%s: token %d comes to %d parts, not 2.".formatted(RESOURCE, id, count));
            }
            earlier.put(parts[0], parts[1], merges.size(), id);
            merges.add(new BpeModel.Merge(parts[0], parts[1], id));
        }
        tokens.add(BpeModel.END_OF_TEXT);
        return BpeModel.gpt2Style(tokens, merges);
    }

    private static List<byte[]> tokensByRank() {
        List<byte[]> tokensByRank = new ArrayList<>(RANKS);
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
            EncodingRegistry.class.getResourceAsStream(RESOURCE), StandardCharsets.US_ASCII))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                int blank = line.indexOf(' ');
                if (Integer.parseInt(line.substring(blank + 1)) != tokensByRank.size()) {
                    throw new IllegalStateException("%s: line %d is out of order: %s".formatted(RESOURCE, tokensByRank.size() + 1, line));
                }
                tokensByRank.add(Base64.getDecoder().decode(line.substring(0, blank)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (tokensByRank.size() != RANKS) {
            throw new IllegalStateException("%s has %d tokens, expected %d.".formatted(RESOURCE, tokensByRank.size(), RANKS));
        }
        return tokensByRank;
    }
}
