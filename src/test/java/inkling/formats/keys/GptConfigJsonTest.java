package inkling.formats.keys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.errors.ModelFormatException;
import inkling.formats.family.Gpt2Format;
import inkling.io.json.JsonFields;
import inkling.io.json.StrictJson;
import inkling.model.config.Activation;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.config.Norm;
import inkling.model.config.Positions;
import inkling.model.config.RopeConfig;
import inkling.reference.OptionMatrix;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The "inkling" object of config.json. */
class GptConfigJsonTest {
    /** As version 0.1 wrote it. */
    private static final String GPT2 = """
        {"vocab_size":1025,"n_layer":4,"n_head":4,"n_kv_head":4,"n_embd":128,"n_inner":512,"context_length":128,"dropout":0.0,\
        "bias":true,"tie_embeddings":true,"positions":"learned","rope":{"theta":10000.0,"scaling":null},"norm":"layer_norm",\
        "norm_eps":1.0E-5,"activation":"gelu_tanh"}""";
    private static final String LLAMA = """
        {"vocab_size":300,"n_layer":2,"n_head":4,"n_kv_head":2,"n_embd":64,"n_inner":192,"context_length":64,"dropout":0.125,\
        "bias":false,"tie_embeddings":false,"positions":"rope","rope":{"theta":500000.0,"scaling":{"type":"llama3","factor":8.0,\
        "low_freq_factor":1.0,"high_freq_factor":4.0,"original_context_length":8192}},"norm":"rms_norm","norm_eps":1.0E-6,\
        "activation":"swiglu"}""";

    static Stream<GptConfig> configs() {
        return OptionMatrix.all().stream();
    }

    @Test
    void architecturesOf01AreWrittenAs01WroteThem() {
        assertEquals(GPT2, GptConfigJson.write(GptOptions.DEFAULT.over(1025)).toString());
        RopeConfig rope = new RopeConfig(500_000, Optional.of(new RopeConfig.Llama3Scaling(8, 1, 4, 8192)));
        GptConfig llama = GptOptions.DEFAULT.with(o -> o.nLayer(2).nKvHead(2).nEmbd(64).nInner(192).contextLength(64).dropout(0.125)
            .bias(false).tieEmbeddings(false).positions(Positions.ROPE).rope(rope).norm(Norm.RMS_NORM).normEps(1e-6)
            .activation(Activation.SWIGLU)).over(300);
        assertEquals(LLAMA, GptConfigJson.write(llama).toString());
        assertEquals(llama, read(LLAMA));
    }

    @ParameterizedTest
    @MethodSource("configs")
    void everyArchitectureComesBack(GptConfig config) {
        assertEquals(config, read(GptConfigJson.write(config).toString()));
    }

    @Test
    void onlyUnusualOptionsAreAdded() {
        GptConfig config = GptOptions.DEFAULT.with(o -> o.headSize(24).bias(false).qkvBias(true).logitScale(0.5)).over(1025);
        String json = GptConfigJson.write(config).toString();
        assertTrue(json.endsWith("\"activation\":\"gelu_tanh\",\"head_size\":24,\"qkv_bias\":true,\"logit_scale\":0.5}"), json);
        assertEquals(List.of("head_size", "qkv_bias", "logit_scale"), GptConfigJson.onlyOurs(config));
        assertEquals(List.of("head_size", "qkv_bias", "logit_scale", "norm"),
            new Gpt2Format().obstacles(GptOptions.of(config).with(o -> o.norm(Norm.RMS_NORM)).over(1025)));
    }

    @Test
    void aMissingKeyIsRefused() {
        for (String key : List.of("n_head", "n_kv_head", "bias", "rope", "activation", "vocab_size")) {
            ObjectNode json = (ObjectNode) StrictJson.parse("c", GPT2.getBytes(StandardCharsets.UTF_8));
            json.remove(key);
            assertTrue(fault(json.toString()).startsWith("config.json: inkling: " + key + " is missing"), fault(json.toString()));
        }
    }

    @Test
    void nothingIsConverted() {
        assertTrue(fault(GPT2.replace("\"n_layer\":4", "\"n_layer\":4.0")).contains("inkling: n_layer = 4.0 is a number, a whole number"));
        assertTrue(fault(GPT2.replace("\"n_layer\":4", "\"n_layer\":\"4\"")).contains("inkling: n_layer = \"4\" is text"));
        assertTrue(fault(GPT2.replace("\"norm\":\"layer_norm\"", "\"norm\":\"layernorm\"")).contains("Did you mean layer_norm?"));
        assertTrue(fault(GPT2.replace("\"dropout\":0.0", "\"dropout\":1e400")).contains("dropout = Infinity"));
        assertTrue(fault(GPT2.replace("\"n_head\":4", "\"n_haed\":4")).contains("unknown key n_haed. Did you mean n_head?"));
        String ropeFault = fault(GPT2.replace("\"n_layer\":4", "\"n_layer\":0").replace("\"theta\":10000.0", "\"theta\":0.5"));
        assertTrue(ropeFault.contains("inkling: rope: theta = 0.5 must be a number above 1."), ropeFault);
    }

    private static GptConfig read(String json) {
        return GptConfigJson.read(JsonFields.of("config.json", StrictJson.parse("config.json", json.getBytes(StandardCharsets.UTF_8))));
    }

    private static String fault(String json) {
        return assertThrows(ModelFormatException.class, () -> read(json)).getMessage();
    }
}
