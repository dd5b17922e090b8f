package inkling.data.chat;

import inkling.data.chat.ChatFormat.Message;
import inkling.data.chat.ChatFormat.Role;
import inkling.errors.InklingException;
import inkling.errors.ModelFormatException;
import inkling.template.Rendering;
import inkling.tokenizer.MarkedIds;
import inkling.tokenizer.MarkedText;
import inkling.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Finds the tokens of a rendered conversation that a model learns: what the assistant writes, and the end of each answer.
 *
 * <p>A template with {@code generation} blocks marks these tokens itself. For other templates, this class finds them in the text that the
 * template writes:
 * <ul>
 * <li>An answer begins where its prompt ends. The prompt is what the template writes for the messages before the answer, with
 *     {@code add_generation_prompt}, which adds the beginning of an answer. Some templates write earlier turns differently once there are
 *     later ones, so that the whole text does not begin with the prompt. Then the answer begins after the text that
 *     {@code add_generation_prompt} adds. That text is looked for before the first character of the message's data.
 * <li>An answer ends with the first special token that the template writes after the last character of the message's data, such as its
 *     content. If there is none before the next data or the next answer, the answer ends with its own data.
 * </ul>
 */
final class LearnedTokens {
    private static final int TAIL = 4;   // a further mark, for the template's text after an answer: it may hold the answer's end token

    private final TemplatedChat chat;
    private final Tokenizer tokenizer;

    LearnedTokens(TemplatedChat chat, Tokenizer tokenizer) {
        this.chat = chat;
        this.tokenizer = tokenizer;
    }

    /**
     * An answer: characters {@code from … to − 1}. The characters {@code to … tail − 1} after it are the template's, and may hold its end
     * token.
     *
     * @param message the number of its message, from 0. For an answer of a {@code generation} block the message is not known; then this is
     *     the number of the first message to learn
     */
    private record Answer(int message, int from, int to, int tail) {}

    /** @param first the number of the first message that may be learned, counted from 0 */
    MarkedIds of(List<Message> messages, int first) {
        Rendering whole = chat.render(chat.json(messages, false));
        boolean marked = whole.runs().stream().anyMatch(Rendering.Run::isGenerated);
        List<Answer> answers = marked ? generated(whole, first) : answers(messages, whole).stream()
            .filter(each -> each.message >= first).toList();
        return withEnds(tokenizer.encode(new MarkedText(whole.text(), runs(whole, answers))));
    }

    /** Finds the answers in {@code generation} blocks. Blocks of messages before number {@code first} are left out. */
    private static List<Answer> generated(Rendering whole, int first) {
        List<Answer> answers = new ArrayList<>();
        boolean earlier = false;   // whether the present block belongs to a message before first
        int from = 0;
        for (Rendering.Run run : whole.runs()) {
            if (IntStream.range(0, first).anyMatch(run::isOfMessage)) {   // so all blocks up to here belong to messages before first
                answers.clear();
                earlier = true;
            }
            earlier &= run.isGenerated();
            if (run.isGenerated() && !earlier) {
                answers.add(new Answer(first, from, run.end(), run.end()));
            }
            from = run.end();
        }
        return answers;
    }

    private List<Answer> answers(List<Message> messages, Rendering whole) {
        List<Answer> answers = new ArrayList<>();
        int previousEnd = 0;
        for (int i = 0; i < messages.size(); i++) {
            if (messages.get(i).role() == Role.ASSISTANT) {
                Optional<Answer> answer = answer(messages, i, whole, previousEnd);
                if (answer.isPresent()) {
                    endBefore(answers, answer.get().from);
                    answers.add(answer.get());
                    previousEnd = answer.get().to;
                }
            }
        }
        return answers;
    }

    /** Shortens the tail of the last answer if the tail would reach into the next answer, which begins at {@code next}. */
    private static void endBefore(List<Answer> answers, int next) {
        if (!answers.isEmpty()) {
            Answer last = answers.remove(answers.size() - 1);
            answers.add(new Answer(last.message, last.from, last.to, Math.max(last.to, Math.min(last.tail, next))));
        }
    }

    private Optional<Answer> answer(List<Message> messages, int index, Rendering whole, int previousEnd) {
        int dataFrom = -1;
        int dataTo = -1;
        int from = 0;
        for (Rendering.Run run : whole.runs()) {
            if (run.isOfMessage(index)) {
                dataFrom = dataFrom < 0 ? from : dataFrom;
                dataTo = run.end();
            }
            from = run.end();
        }
        String prompt = text(messages.subList(0, index), true);
        boolean beginsWithPrompt = !prompt.isEmpty() && whole.text().startsWith(prompt);
        if (dataFrom < 0 && !beginsWithPrompt) {
            return Optional.empty();   // an empty answer, or one that the template leaves out
        }
        if (!beginsWithPrompt && dataFrom < previousEnd) {
            throw new ModelFormatException(("the chat template writes the answer in message %d before an earlier answer has ended, so it"
                + " is not known which tokens are an answer.").formatted(index + 1));
        }
        int begin = beginsWithPrompt ? prompt.length()
            : previousEnd + afterAddedPrompt(messages, index, prompt, whole.text().substring(previousEnd, dataFrom));
        int end = Math.max(begin, dataTo);
        return Optional.of(new Answer(index, Math.min(begin, end), end, nextData(whole, end)));
    }

    /**
     * Where the answer begins, as an index in {@code text}. It begins after the text that {@code add_generation_prompt} adds. If only a
     * beginning of that text occurs, the answer begins after the longest such beginning. If none occurs, it begins with the message's data.
     *
     * @param prompt what the template writes for the messages before {@code index}, with {@code add_generation_prompt}
     * @param text the text from the end of the previous answer to the first character of this message's data
     */
    private int afterAddedPrompt(List<Message> messages, int index, String prompt, String text) {
        String without = text(messages.subList(0, index), false);
        String added = prompt.startsWith(without) ? prompt.substring(without.length()) : "";
        for (int length = added.length(); length > 0; length--) {
            int at = text.lastIndexOf(added.substring(0, length));
            if (at >= 0) {
                return at + length;
            }
        }
        return text.length();
    }

    /** What the template writes for {@code messages}; "" if it fails, e.g. because it wants a question first. */
    private String text(List<Message> messages, boolean prompt) {
        try {
            return chat.render(chat.json(messages, prompt)).text();
        } catch (InklingException e) {
            return "";
        }
    }

    /**
     * The first index, from {@code at} on, of a character that is data (e.g. of a message's content) and not the template's own. If there
     * is none, the length of the whole text.
     */
    static int nextData(Rendering whole, int at) {
        int from = 0;
        for (Rendering.Run run : whole.runs()) {
            if (run.isData() && run.end() > at) {
                return Math.max(from, at);
            }
            from = run.end();
        }
        return whole.text().length();
    }

    /** The rendering's runs, cut where answers begin and end, with their marks. */
    private static List<MarkedText.Run> runs(Rendering whole, List<Answer> answers) {
        List<MarkedText.Run> runs = new ArrayList<>();
        int at = 0;
        int next = 0;
        for (Rendering.Run run : whole.runs()) {
            while (at < run.end()) {
                while (next < answers.size() && answers.get(next).tail <= at) {
                    next++;
                }
                int marks = run.isData() ? MarkedText.PLAIN : 0;
                int end = run.end();
                if (next < answers.size()) {
                    Answer answer = answers.get(next);
                    int border = at < answer.from ? answer.from : at < answer.to ? answer.to : answer.tail;
                    marks |= at < answer.from ? 0 : at < answer.to ? MarkedText.LEARNED : TAIL;
                    end = Math.min(end, border);
                }
                runs.add(new MarkedText.Run(end, marks));
                at = end;
            }
        }
        return runs;
    }

    /**
     * Marks the tokens after each answer as learned, up to and including the first special token (a token without bytes). If there is no
     * special token there, marks nothing.
     */
    private MarkedIds withEnds(MarkedIds ids) {
        int[] marks = ids.marks().clone();
        for (int i = 0; i < marks.length; i++) {
            boolean begins = ids.has(i, TAIL) && !ids.has(i, MarkedText.LEARNED)
                && (i == 0 || !ids.has(i - 1, TAIL) || ids.has(i - 1, MarkedText.LEARNED));
            int end = i;
            while (begins && end < marks.length && ids.has(end, TAIL) && tokenizer.bytes(ids.ids()[end]).length > 0) {
                end++;
            }
            if (begins && end < marks.length && ids.has(end, TAIL)) {
                for (int j = i; j <= end; j++) {
                    marks[j] |= MarkedText.LEARNED;
                }
            }
        }
        return new MarkedIds(ids.ids(), marks);
    }
}
