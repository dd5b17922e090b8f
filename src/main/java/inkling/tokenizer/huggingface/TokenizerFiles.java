package inkling.tokenizer.huggingface;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.errors.ConfigException;
import inkling.errors.ModelFormatException;
import inkling.io.DurableFiles;
import inkling.io.gguf.GgufFile;
import inkling.io.json.JsonFields;
import inkling.io.json.StrictJson;
import inkling.io.text.TextFiles;
import inkling.tokenizer.CharTokenizer;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.bpe.BpeModel;
import inkling.tokenizer.bpe.BpeTokenizer;
import inkling.tokenizer.bpe.TokenizerSettings;
import inkling.tokenizer.decode.Decoder;
import inkling.tokenizer.gguf.GgufTokenizer;
import inkling.tokenizer.split.Gpt2Split;
import inkling.tokenizer.split.Normalizer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads and writes the tokenizer files of Hugging Face's libraries: tokenizer.json, or vocab.json and merges.txt. Also reads the tokenizer
 * of a GGUF file.
 */
public final class TokenizerFiles {
    public static final String TOKENIZER_JSON = "tokenizer.json";

    private TokenizerFiles() {}

    /**
     * The tokenizer of a model directory: from tokenizer.json, else from vocab.json and merges.txt, else from GPT-2's original encoder.json
     * and vocab.bpe. Empty if there is no tokenizer. {@code directory} may also be a GGUF file.
     *
     * @throws ModelFormatException if an entry of a file is damaged or not supported
     */
    public static Optional<Tokenizer> find(Path directory) {
        if (GgufFile.isAt(directory)) {
            return gguf(directory);
        }
        if (Files.exists(directory.resolve(TOKENIZER_JSON))) {
            return Optional.of(document(directory.resolve(TOKENIZER_JSON), TokenizerSettings.read(directory),
                TokenizerJson.OtherFiles.FOLLOWED));
        }
        Optional<Tokenizer> pair = vocabularyAndMerges(directory, "vocab.json", "merges.txt");
        return pair.isPresent() ? pair : vocabularyAndMerges(directory, "encoder.json", "vocab.bpe");
    }

    /**
     * As {@link #find}, for a checkpoint. The files beside a tokenizer.json add no tokens and no post-processor here, so that runs of
     * version 0.1 keep their ids.
     */
    public static Optional<Tokenizer> findWritten(Path directory) {
        Path file = directory.resolve(TOKENIZER_JSON);
        return Files.exists(file) ? Optional.of(document(file, TokenizerSettings.read(directory), TokenizerJson.OtherFiles.IGNORED))
            : find(directory);
    }

    private static Optional<Tokenizer> gguf(Path path) {
        try (GgufFile file = GgufFile.open(path)) {
            return GgufTokenizer.read(file.metadata()).map(read ->
                TokenizerJson.read(read.source(), read.document(), read.settings(), TokenizerJson.OtherFiles.IGNORED));
        }
    }

    private static Tokenizer document(Path file, TokenizerSettings settings, TokenizerJson.OtherFiles others) {
        return TokenizerJson.read(file.toString(), StrictJson.load(file), settings, others);
    }

    /**
     * The tokenizer at {@code path}, which is a directory or GGUF file, as for {@link #find}, or a tokenizer.json file of any name.
     *
     * @throws ConfigException if the path does not exist
     * @throws ModelFormatException as {@link #find}, and if the directory or GGUF file has no tokenizer
     */
    public static Tokenizer read(Path path) {
        if (!Files.exists(path)) {
            throw new ConfigException(
                "%s: no such file or directory; expected a tokenizer.json or a directory that has one.".formatted(path));
        }
        if (!Files.isDirectory(path) && !GgufFile.isAt(path)) {
            return document(path, TokenizerSettings.NONE, TokenizerJson.OtherFiles.IGNORED);
        }
        return find(path).orElseThrow(() -> new ModelFormatException(
            "%s has no tokenizer files (tokenizer.json, or vocab.json and merges.txt). Name a directory that has them.".formatted(path)));
    }

    /**
     * The bytes of tokenizer.json. If a BPE tokenizer was read from a tokenizer.json, these are that file's bytes. But if other files
     * beside it changed the added tokens or the post-processor, the bytes contain these changes.
     */
    public static byte[] json(Tokenizer tokenizer) {
        if (!(tokenizer instanceof BpeTokenizer bpe)) {
            return StrictJson.bytes(TokenizerJson.write(characters(tokenizer)));
        }
        return bpe.model().document().map(byte[]::clone).orElseGet(() -> StrictJson.bytes(TokenizerJson.write(bpe.model())));
    }

    /**
     * The tokenizer files of a model directory, name to content.
     * <ul>
     * <li>Always tokenizer.json and tokenizer_config.json.
     * <li>special_tokens_map.json and added_tokens.json, if they were read.
     * <li>vocab.json and merges.txt, if they are enough to encode text without added tokens. Beside these two, also an added_tokens.json
     *     with the tokens that are not in vocab.json, if there are any and no added_tokens.json was read.
     * </ul>
     * The files of {@link TokenizerSettings} keep the content that was read.
     */
    public static Map<String, byte[]> files(Tokenizer tokenizer) {
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put(TOKENIZER_JSON, json(tokenizer));
        if (tokenizer instanceof BpeTokenizer bpe) {
            BpeModel model = bpe.model();
            files.put(TokenizerSettings.CONFIG, StrictJson.bytes(settings(model)));
            files.putAll(model.settings().files());
            if (isLikeGpt2(model)) {
                ObjectNode vocab = JsonNodeFactory.instance.objectNode();
                model.vocabulary().forEach(vocab::put);
                files.put("vocab.json", StrictJson.bytes(vocab));
                files.put("merges.txt", mergesText(model));
                addedTokens(model).ifPresent(added -> files.putIfAbsent(TokenizerSettings.ADDED, StrictJson.bytes(added)));
            }
        } else {
            files.put(TokenizerSettings.CONFIG, StrictJson.bytes(newSettings("PreTrainedTokenizerFast")));
        }
        return files;
    }

    /** Whether vocab.json and merges.txt are enough to encode text without added tokens. */
    private static boolean isLikeGpt2(BpeModel model) {
        return model.split() instanceof Gpt2Split && model.normalizer() == Normalizer.NONE && !model.symbols().wholePieces()
            && model.decoder() == Decoder.BYTES;
    }

    /** Writes {@link #files} durably into {@code directory}, which is created if it does not exist. */
    public static void write(Tokenizer tokenizer, Path directory) {
        DurableFiles.SYSTEM.createDirectories(directory);
        files(tokenizer).forEach((name, bytes) -> DurableFiles.SYSTEM.write(directory.resolve(name), bytes));
    }

    private static CharTokenizer characters(Tokenizer tokenizer) {
        if (tokenizer instanceof CharTokenizer characters) {
            return characters;
        }
        throw new IllegalArgumentException(tokenizer.getClass().getName() + " has no file form.");
    }

    private static Optional<Tokenizer> vocabularyAndMerges(Path directory, String vocabName, String mergesName) {
        Path vocabFile = directory.resolve(vocabName);
        Path mergesFile = directory.resolve(mergesName);
        if (!Files.exists(vocabFile) && !Files.exists(mergesFile)) {
            return Optional.empty();
        }
        for (Path file : List.of(vocabFile, mergesFile)) {
            if (!Files.exists(file)) {
                throw new ModelFormatException("%s is missing; %s and %s go together.".formatted(file, vocabName, mergesName));
            }
        }
        TokenizerSettings settings = TokenizerSettings.read(directory);
        settings.requireLikeGpt2();
        TokenTables tables = new TokenTables(mergesFile.toString());
        JsonFields vocab = JsonFields.of(vocabFile.toString(), StrictJson.parse(vocabFile.toString(), StrictJson.load(vocabFile),
            Map.of("", tables::readVocabulary)));
        Map<String, Integer> ids = tables.vocabulary(vocab);
        readMerges(mergesFile, tables);
        List<BpeModel.Merge> merges = tables.merges().all();
        int own = ids.size();
        Integer end = ids.get(BpeModel.END_OF_TEXT);
        List<BpeModel.AddedToken> added = settings.addedTokens(end == null ? List.of()
            : List.of(new BpeModel.AddedToken(end, BpeModel.END_OF_TEXT, true, false, BpeModel.MatchOptions.NONE, true)), ids);
        List<String> tokens = TokenizerJson.byId(vocab.source() + (ids.size() > own ? " and the added tokens beside it" : ""), ids);
        return Optional.of(new BpeTokenizer(vocab.source(), BpeModel.likeGpt2(tokens, merges, added,
            settings.postProcessor(Optional.empty(), true, ids), settings)));
    }

    private static void readMerges(Path file, TokenTables tables) {
        String[] lines = TextFiles.readPart(file).split("\n", -1);
        for (int i = 0; i < lines.length; i++) {
            boolean comment = i == 0 && lines[i].startsWith("#version");
            boolean end = i == lines.length - 1 && lines[i].isEmpty();
            if (!comment && !end) {
                tables.add(file + ":" + (i + 1), lines[i]);
            }
        }
    }

    private static byte[] mergesText(BpeModel model) {
        StringBuilder text = new StringBuilder("#version: 0.2\n");
        model.merges().forEach(merge -> text.append(model.tokens().get(merge.left())).append(' ')
            .append(model.tokens().get(merge.right())).append('\n'));
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** The content of added_tokens.json: the tokens that are not in vocab.json. */
    private static Optional<ObjectNode> addedTokens(BpeModel model) {
        ObjectNode added = JsonNodeFactory.instance.objectNode();
        model.added().stream().filter(token -> !token.inVocabulary()).forEach(token -> added.put(token.content(), token.id()));
        return added.isEmpty() ? Optional.empty() : Optional.of(added);
    }

    private static ObjectNode settings(BpeModel model) {
        ObjectNode settings = newSettings(isLikeGpt2(model) ? "GPT2Tokenizer" : "PreTrainedTokenizerFast");
        if (model.tokens().contains(BpeModel.END_OF_TEXT)) {
            settings.put("bos_token", BpeModel.END_OF_TEXT).put("eos_token", BpeModel.END_OF_TEXT).put("unk_token", BpeModel.END_OF_TEXT);
        }
        return settings;
    }

    private static ObjectNode newSettings(String tokenizerClass) {
        return JsonNodeFactory.instance.objectNode().put("add_prefix_space", false).put("clean_up_tokenization_spaces", false)
            .put("tokenizer_class", tokenizerClass);
    }
}
