package inkling.data.chat;

import inkling.tokenizer.MarkedIds;
import inkling.tokenizer.MarkedText;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.bpe.BpeModel;
import inkling.tokenizer.bpe.BpeTokenizer;
import inkling.tokenizer.bpe.TokenizerSettings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** A tokenizer of bytes and a few special tokens with ids from 256 up. Decoded text shows each special token in braces. */
final class ChatTokenizer implements Tokenizer {
    private static final int BYTES = 256;

    private final BpeTokenizer tokenizer;
    private final Map<String, String> named = new LinkedHashMap<>();

    ChatTokenizer(String... special) {
        List<String> tokens = new ArrayList<>(BpeTokenizer.gpt2().model().tokens().subList(0, BYTES));
        List<BpeModel.AddedToken> added = new ArrayList<>();
        for (String token : special) {
            added.add(new BpeModel.AddedToken(tokens.size(), token, true, false, BpeModel.MatchOptions.NONE, false));
            tokens.add(token);
        }
        tokenizer = new BpeTokenizer("test", BpeModel.likeGpt2(tokens, List.of(), added, Optional.empty(), TokenizerSettings.NONE));
        for (String token : special) {
            if (token.equals("<s>") || token.equals("<bos>") || token.startsWith("<|begin")) {
                named.put("bos_token", token);
            } else if (token.equals("</s>") || token.startsWith("<|eot")) {
                named.put("eos_token", token);
            }
        }
    }

    @Override
    public int[] encode(String text) {
        return tokenizer.encode(text);
    }

    @Override
    public MarkedIds encode(MarkedText text) {
        return tokenizer.encode(text);
    }

    @Override
    public int[] encodePlain(String text) {
        return tokenizer.encodePlain(text);
    }

    @Override
    public Map<String, String> namedTokens() {
        return named;
    }

    @Override
    public String token(int id) {
        return tokenizer.token(id);
    }

    @Override
    public OptionalInt id(String token) {
        return tokenizer.id(token);
    }

    @Override
    public String decode(int[] ids) {
        StringBuilder text = new StringBuilder();
        int from = 0;
        for (int i = 0; i <= ids.length; i++) {
            if (i == ids.length || ids[i] >= BYTES) {
                text.append(tokenizer.decode(Arrays.copyOfRange(ids, from, i)));
                text.append(i == ids.length ? "" : "{" + token(ids[i]) + "}");   // in braces: a token, not typed text
                from = i + 1;
            }
        }
        return text.toString();
    }

    @Override
    public byte[] bytes(int id) {
        return tokenizer.bytes(id);
    }

    @Override
    public int vocabSize() {
        return tokenizer.vocabSize();
    }

    @Override
    public OptionalInt endOfText() {
        return id("<|endoftext|>");
    }
}
