package inkling.fuzz;

import io.airlift.compress.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/**
 * Valid texts, data sets and word vectors, of which the fuzz tests make damaged ones. They have many of the fields that the readers know.
 */
final class TextSeeds {
    private TextSeeds() {}

    static List<byte[]> utf8(String... texts) {
        return java.util.Arrays.stream(texts).map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
    }

    private static final String TOMORROW = "Tomorrow, and tomorrow, and tomorrow,\r\ncreeps in é日😀 this petty pace\n"
        + "<|endoftext|> from day to day\n";

    static List<byte[]> corpus() {
        List<byte[]> all = new ArrayList<>(utf8(TOMORROW));
        List.of("UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE").forEach(name -> {
            all.add(TOMORROW.getBytes(Charset.forName(name)));
            all.add(("\uFEFF" + TOMORROW).getBytes(Charset.forName(name)));
        });
        return all;
    }

    static List<byte[]> gzip() {
        return packed(GZIPOutputStream::new);
    }

    static List<byte[]> zstd() {
        return packed(ZstdOutputStream::new);
    }

    /** Makes a stream that compresses. */
    private interface Packer {
        OutputStream over(OutputStream out) throws IOException;
    }

    private static List<byte[]> packed(Packer packer) {
        return List.of(TOMORROW, TOMORROW.repeat(200), "").stream().map(text -> {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (OutputStream out = packer.over(bytes)) {
                out.write((text + "x").getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return bytes.toByteArray();
        }).toList();
    }

    static List<byte[]> jsonl() {
        return utf8("{\"text\": \"Tomorrow é \\ud83d\\ude00\"}\n{\"text\": \"and\\ntomorrow\"}\n{\"text\": \"\"}\n", """
            [
              {"id": 1, "text": "Tomorrow é \\ud83d\\ude00", "meta": {"tags": ["a", 1.5e3, null, true]}},
              {"text": ""}, {"text": "and\\ntomorrow"}
            ]
            """);
    }

    static List<byte[]> messages() {
        return utf8("""
            {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hé?"}, \
            {"role": "assistant", "content": "Ja."}]}
            {"messages": [{"role": "user", "content": "<|end|>"}, {"role": "assistant", "content": ""}]}
            """);
    }

    static List<byte[]> pairs() {
        return utf8("""
            {"prompt": "Hé?", "chosen": "Ja.", "rejected": "Nein.", "score": 1.5}
            {"prompt": [{"role": "user", "content": "a"}], "chosen": [{"role": "assistant", "content": "b"}], "rejected": "c"}
            """, """
            [{"system": "S", "chosen": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}],
              "rejected": [{"role": "user", "content": "a"}, {"from": "gpt", "value": "c"}]}]
            """);
    }

    static List<byte[]> questions() {
        return utf8("""
            {"context": "Hé is", "endings": ["it", " that"], "label": 1}
            {"context": "", "endings": ["a", "b", "c"], "label": "0", "id": 3}
            """);
    }

    static List<byte[]> arc() {
        return utf8("""
            {"id": "a", "question": {"stem": "Which?", "choices": [{"text": "b", "label": "A"}, {"text": "c", "label": "B"}]}, \
            "answerKey": "B"}
            {"question": "Which?", "choices": {"text": ["b", "c"], "label": ["1", "2"]}, "answerKey": "1"}
            """);
    }

    static List<byte[]> hellaswag() {
        return utf8("""
            {"activity_label": "A", "ctx_a": "It [title] is", "ctx_b": "é [step] SO", "endings": ["a", "[x] b", "c", "d"], "label": 3}
            {"activity_label": "A", "ctx_a": "It", "ctx_b": "", "endings": ["a", "b"], "label": "0"}
            """);
    }

    static List<byte[]> shareGpt() {
        return utf8("""
            [{"id": "a", "system": "Be brief.", "conversations": [{"from": "human", "value": "Hé?"}, {"from": "gpt", "value": "Ja."}]},
             {"conversations": [{"role": "user", "content": "x", "weight": 1}, {"role": "assistant", "content": "y", "tool_calls": []}]}]
            """, """
            {"conversations": [{"from": "system", "value": "S"}, {"from": "user", "value": "<|end|>"}, {"from": "assistant", "value": ""}]}
            {"messages": [{"role": "user", "content": [{"type": "text", "text": "H"}, {"type": "text", "text": "\\ud83d\\ude00"}]}, \
            {"role": "assistant", "content": "Y", "name": "n"}]}
            """);
    }

    static List<byte[]> alpaca() {
        return utf8("""
            [
              {"instruction": "Name it.", "input": "", "output": "Blue."},
              {"instruction": "Say", "input": "é日😀", "output": "it", "history": [["a", "b"], ["c", "d"]], "system": "S"}
            ]
            """, """
            {"prompt": "The sky is", "completion": " blue."}
            {"prompt": [{"role": "user", "content": "a"}], "completion": [{"role": "assistant", "content": "b"}]}
            """);
    }

    static List<byte[]> vectors() {
        return utf8("king 0.5 -1.25 3e-2\nqueen 0.25 1 -.5\r\nNew York -0.1 0.2 0.3\n", "2 3\nking 0.5 -1.25 3e-2\nqueen 0.25 1 -5.\n");
    }
}
