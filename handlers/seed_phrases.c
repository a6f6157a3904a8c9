/* Phrases that serve every subject, see seed_words.h. */
#include "seed_words.h"

const struct words words_topic_titles =
    WORDS("Why {topic} matters", "In praise of {topic}", "What {topic} taught me", "The trouble with {topic}",
          "Learning to trust {topic}", "Notes on {topic}", "A winter with {topic}", "What I got wrong about {topic}",
          "The case for {topic}", "Making peace with {topic}", "{^topic}, explained slowly",
          "Second thoughts about {topic}", "What nobody says about {topic}", "Living with {topic}",
          "{^topic} is not the enemy", "A small defence of {topic}", "How {topic} changed my mind",
          "The long way to {topic}", "Ten years with {topic}", "{^topic}, once more", "Paying attention to {topic}",
          "{^topic} and other small joys", "Looking again at {topic}", "{^topic} for the patient");

const struct words words_act_titles =
    WORDS("The quiet pleasure of {act}", "{^act}, badly at first", "A year of {act}", "The slow art of {act}",
          "What {act} does to a week", "{^act} for busy people", "The hard part of {act}", "Five lessons from {act}",
          "A word about {act}", "A hundred hours of {act}", "In defence of {act}", "{^act} without fuss",
          "Getting better at {act}", "{^act}, and when to stop");

const struct words words_title_tails = WORDS(": notes from {town}", ": a letter from {town}", ", as told in {town}");

const struct words words_descriptions =
    WORDS("A few things I wish somebody had told me about {topic}.",
          "What {span} of {act} changed, and what stayed the same.",
          "On {topic}, {other}, and the patience that both of them ask for.",
          "How {friend} talked me into {act}, and why I am grateful.",
          "A plain account of {topic}: what works, what fails, and what I would do again.",
          "For {people} who are curious about {topic} and suspicious of advice.",
          "The day {mishap}, and what came of it.", "For anyone who has read about {topic} and never dared to begin.",
          "{^number} things about {topic}, most of them learned twice.",
          "{^topic}, from somebody who got it wrong for {span}.",
          "Why I worry less about {other} now, and look harder at {topic}.",
          "It began when {mishap}. It ended better than that.",
          "Some encouragement, {number} habits, and a warning about {other}.");

const struct words words_act_descriptions =
    WORDS("What {span} of {act} changed, and what stayed the same.",
          "How {friend} talked me into {act}, and why I am grateful.",
          "On {act}, {topic}, and the patience that both of them ask for.",
          "A few things I wish somebody had told me before I took up {act}.",
          "{^number} things about {act}, most of them learned twice.",
          "For {people} who think that {act} is not for them.", "The day {mishap}, and what came of it.");

const struct words words_theses = WORDS(
    "I want to write down what I know about {topic} before I forget how I learned it.",
    "This is about {topic}, which I ignored for {span} and now think about most days.",
    "People ask me about {topic} more than about anything else, so here is the long answer.",
    "What follows is not a method. It is what {span} of {act} left behind.",
    "If you take only one thing from this page, let it be this: {order}.",
    "I used to think that {topic} was a matter of taste. I no longer do.",
    "Most of what I had read about {topic} turned out to be true, though seldom in the way I expected.",
    "Nothing here is new, and [all of it had to be said to me several times|I only wish I had believed it sooner].",
    "{friend} once told me that {topic} cannot be explained, only shown. I would like to try anyway.",
    "There are [quicker|grander|cleverer] ways into {craft}, and I still believe that {topic} is the right one.",
    "I think that is when I began to take {topic} seriously.",
    "It set me thinking about {topic}, and I have not quite stopped since.");

const struct words words_act_theses =
    WORDS("I took up {act} by accident, and have kept at it for {span}.",
          "After {span} of {act} I have a few things to say about it.",
          "This is about {act}, and so it is also about {topic}.",
          "What follows is not a method. It is what {span} of {act} left behind.",
          "I never meant to write about {act}. Then somebody asked, and here we are.",
          "Of all that {craft} asks for, {act} came to me last.",
          "{friend} once told me that {act} cannot be explained, only shown. I would like to try anyway.");

/* They stand between two facts. */
const struct words words_links =
    WORDS("There is one more thing.", "I would add something else.", "It took me longer to see the rest.",
          "And then there is what nobody mentions.", "Something else belongs here.",
          "The next thing I learned by accident.", "I would not have believed this one either.");

const struct section words_sections[SECTIONS] = {
    [SECTION_DETAIL] =
	{
	    .headings = WORDS("What {topic} changes", "A closer look", "How it works", "The part that matters",
                              "{^other} comes first", "Why it is worth the trouble", "The small print",
                              "What belongs together"),
	    .leads = WORDS("The first thing to know about {topic} is that it [rewards patience|forgives a great "
                           "deal|cannot be hurried].",
                           "It helps to see {topic} and {other} as two halves of one question.",
                           "It was while {act} that I first noticed the difference.",
                           "For a long time I [confused|mixed up] {topic} with {other}.",
                           "Ask ten {people} about {topic} and you will hear eleven opinions.",
                           "Here is what I can say with some confidence.",
                           "Look at {topic} for long enough and {other} begins to make sense as well.",
                           "I came to {topic} late, by way of {other}.",
                           "In {craft}, as in most things, [the obvious comes last|we learn the names first and the "
                           "reasons later]."),
	    .follows =
		WORDS("Once you have seen it, you cannot stop seeing it.", "It took me {span} to believe that.",
                      "That sounds obvious, and it was the last thing I learned.",
                      "The difference is small on the day and large over a year.",
                      "There is a rhythm to it that no book quite puts on paper.",
                      "When it goes right, you know at once. Last {season} {joy}, and I could not have said why."),
	},
    [SECTION_PRACTICE] =
	{
	    .headings = WORDS("What I do now", "In practice", "A short list", "The routine", "Where to begin",
                              "If you start tomorrow", "Rules I keep"),
	    .leads = WORDS(
		"My routine has become short enough to fit on a card:",
		"If I had to teach {topic} in one afternoon, I would say this:",
		"These are the habits that stayed after {span}:", "A beginner could do worse than this:",
		"There is a card on my wall. It says:",
		"When {friend} asked for a plan, I wrote this on the back of an envelope:", "None of it is difficult:"),
	    .follows =
		WORDS("The order matters less than doing all of it.", "That is all. The rest is {tool}, and time.",
                      "I break the [first|last] rule about once a month and regret it each time.",
                      "Do it {number} times before you decide that it does not suit you.",
                      "Skip one of them and nothing happens. I once skipped two, and {mishap}.",
                      "You will find your own version. Mine is only a place to start.",
                      "The list was longer once. What is left is what I actually do."),
	},
    [SECTION_MISTAKES] =
	{
	    .headings = WORDS("Where it goes wrong", "What went wrong", "Mistakes I can recommend", "A confession",
                              "Failing well", "The bad {season}"),
	    .leads = WORDS("I have made every mistake there is. Once {mishap}.",
                           "Twice last {season} {mishap}, and both times I knew better.",
                           "The worst day was the one when {mishap}.",
                           "My early attempts are not worth describing, except that {mishap}.",
                           "It would be dishonest to leave out the day when {mishap}.",
                           "{friend} likes to remind me of the {season} when {mishap}."),
	    .follows =
		WORDS("I blamed {other}. It was {topic}, of course.", "The cause was dull: I had been in a hurry.",
                      "Since then I have had one rule: {order}.",
                      "I wrote it down that evening, so that it would at least be useful to somebody.",
                      "It cost me an afternoon and some pride.",
                      "You learn more from one such day than from {number} good ones.",
                      "What saved me was {tool}, and a long walk.", "I laughed about it, though not on the same day."),
	},
    [SECTION_TRIAL] =
	{
	    .headings = WORDS("A small experiment", "The numbers", "Trying it both ways", "What I measured",
                              "Side by side", "Keeping notes"),
	    .leads = WORDS("So I tried it both ways, side by side, for {span}.",
                           "I do not trust my memory, so for {span} I kept a notebook.",
                           "{friend} suggested a test: the same thing twice, with only {topic} changed.",
                           "Last {season} I finally did what I should have done at the start, and took notes."),
	    .follows = WORDS("The result was less dramatic than I had hoped and more useful.",
                             "{^number} tries are not a study, but they were enough to change my habits.",
                             "By the end I could tell the two apart with my eyes shut.",
                             "What surprised me was not {topic} but how much {other} mattered.",
                             "The best entry is the shortest: {joy}."),
	},
    [SECTION_PEOPLE] =
	{
	    .headings = WORDS("What the old hands say", "A visit", "Advice I was given", "In good company",
                              "Somebody else's words", "A lesson from {friend}"),
	    .leads = WORDS("I got to know {friend} {place}, and we have argued ever since.",
                           "I met {friend} {place}, on a [wet|grey|bright|windy] {weekday}.",
                           "I spent a long day {place} last {season}, mostly watching.",
                           "The best advice I ever had came from {friend}, whom I met {place}.",
                           "Some years ago, {place}, I asked {friend} about {topic}."),
	    .follows = WORDS("I have thought about that sentence more often than about any book.",
                             "I did not understand it then. I do now, a little.",
                             "It is the kind of thing that only sounds simple.",
                             "We hardly spoke about {topic}, and yet I learned more about it that day than in {span}.",
                             "Then we talked about the weather, which was the same subject."),
	},
    [SECTION_DOUBT] =
	{
	    .headings = WORDS("The case against", "Is it worth it?", "A fair objection", "What I am still unsure about",
                              "Doubts"),
	    .leads = WORDS("Not everybody agrees, and they have a point.", "There is a good argument against all this.",
                           "I can hear {friend} object already.", "I do not want to make a religion of {topic}.",
                           "Every few months I wonder whether {topic} deserves all this attention."),
	    .follows = WORDS("{^act} takes time, and time is what most of us lack.",
                             "You can live well without {topic}, and many fine {people} do.",
                             "If {other} serves you better, stay with it.",
                             "Some days the sensible thing is to leave {topic} alone and drink a cup of tea.",
                             "I would rather explain why I bother than pretend that I do not."),
	},
};

const struct words words_asides = WORDS(
    "None of this needs [money|talent|expensive equipment]; it needs {tool} and an afternoon.",
    "On a good day it feels like no work at all: {joy}, and you wonder what the fuss was about.",
    "Nobody told me, or more likely somebody did and I was not listening.",
    "It is a small thing, and small things are most of {craft}.", "I have stopped arguing about it and simply do it.",
    "Most {people} find this out alone, usually late in the evening.",
    "I still catch myself doing the opposite when I am tired.",
    "The books mention it in a footnote, if they mention it at all.", "{friend} taught me that without saying a word.",
    "If I could keep only one habit, it would be this: {order}.", "I mention it because it took me {span} to notice.");

const struct words words_block_leads = WORDS("The page from that week:", "For those who like to see it written down:",
                                             "Here it is, as short as I could make it:", "From my notes:");

const struct words words_closings =
    WORDS("So that is {topic}, as far as I understand it. Tell me where I am wrong.",
          "I will go on {act}, and I expect to write the opposite of this in a few years.",
          "If you try it, write to me. I would like to hear how it went.",
          "That is enough for today. {^tool} is waiting, and so is the rest of the {season}.",
          "Begin small: {order}. The rest can wait until next {season}.",
          "It is only {craft}, after all, and it is also one of the better parts of my week.",
          "In the end {joy}, and that was reason enough.",
          "I have no conclusion, only a suggestion: {order}. See what happens.",
          "Yesterday {joy}. I thought you should know.",
          "Whatever you make of {topic}, I hope that it keeps you company for {span}, as it has me.");

const struct words words_comments = WORDS(
    "Thank you for this. I tried it at the weekend, and {joy}.", "I laughed, because last {season} {mishap}.",
    "Lovely piece. I would only add: {order}.", "I am not convinced about {topic}, but you have made me curious.",
    "This is the first text about {topic} that did not make me feel stupid.",
    "How long did it take you? After {span} I still struggle with {other}.",
    "I heard the same thing years ago, {place}.", "I disagree about {other}, and I agree with everything else.",
    "I have sent this to {friend}, who will pretend to have known it all along.", "Beautifully put. {fact}",
    "I read this on the train and nearly missed my stop.", "You forgot {tool}! Otherwise I would not change a word.",
    "More of this, please.", "I began with {other} instead, and then {mishap}. You are right.",
    "{fact} It took me {span} to see it, and you say it in a paragraph.", "Printed it out and pinned it to the wall.",
    "For a beginner, would you start with {topic} or with {other}?",
    "Here in {town} everybody does it the other way round, and {joy}.", "What a good way to begin a {weekday}.",
    "I had given up on {topic}. I will try once more.");

const struct words words_replies =
    WORDS("@{name} I had the same trouble until somebody told me: {order}.", "@{name} Well said.",
          "@{name} Give it {span}. It was the same for me.", "@{name} I see it differently. {fact}",
          "@{name} Really? Last {season} {joy}, with no trouble at all.",
          "@{name} Yes, and the other way round as well.", "@{name} I would begin with {topic}. {^other} can wait.",
          "@{name} That made my {weekday}.", "@{name} Do you have {tool}? It made all the difference for me.",
          "@{name} Thank you, I had not thought of that.", "@{name} The same thing happened to me: {mishap}.");

const struct words words_bios = WORDS(
    "Amateur {person} in {town}. I write about {craft}, slowly.", "{^craft}, mostly. Sometimes {other}.",
    "I read more than I write, and I write about {topic} when it rains.", "I own {tool} and too many books.",
    "From {town}, now elsewhere. Learning one thing at a time; this year it is {act}.",
    "Teacher on weekdays, {person} at weekends.", "Notes on {craft}, from {town}.",
    "I was told to write it down. So: {act}, {topic}, and what went wrong.", "Here for the articles about {craft}.",
    "My motto: {order}.", "Retired. Finally time for {act}.", "Two children, one cat, {tool}.");

const struct words words_spans =
    WORDS("three winters", "most of a year", "ten years", "a whole summer", "five years", "six months", "a long winter",
          "the better part of a decade", "two years", "a dozen weekends");

const struct words words_numbers = WORDS("three", "four", "five", "six", "seven", "eight", "nine");

const struct words words_seasons = WORDS("spring", "summer", "autumn", "winter");

const struct words words_weekdays = WORDS("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday");

const struct words words_towns = WORDS("Lyon", "Bergen", "Porto", "Leith", "Ghent", "Turku", "Split", "Cork", "Bremen",
                                       "Kyoto", "Lagos", "Oaxaca", "Hobart", "Tartu", "Siena", "Galway", "Basel",
                                       "Trieste", "Quito", "Accra", "Pune", "Halifax", "Graz", "Riga");

const struct words words_tag_prefixes =
    WORDS("slow", "everyday", "winter", "summer", "old", "new", "small", "city", "village", "weekend", "quiet",
          "practical", "simple", "first", "late", "early", "borrowed", "forgotten", "shared", "patient", "curious",
          "modern", "local", "distant", "careful", "cheap", "good", "better", "plain", "bright", "northern", "southern",
          "eastern", "western", "inland", "family", "solitary", "public", "private", "unfinished");
