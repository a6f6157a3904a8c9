/* Names of people, see seed_words.h. */
#include "seed_words.h"

const struct words words_given_names = WORDS(
    "ada", "adaeze", "agnes", "aiko", "alice", "amara", "amir", "ana", "anders", "anika", "anselm", "antonia", "arjun",
    "astrid", "aylin", "beatriz", "bela", "benedikt", "bruno", "carmen", "cecilia", "chidi", "clara", "colm", "dalia",
    "daniel", "davide", "dora", "edith", "eilidh", "elena", "elif", "elias", "emeka", "emil", "esther", "eva", "fatima",
    "felix", "finn", "flora", "francisco", "freya", "gabriel", "greta", "hana", "hannah", "henrik", "hugo", "ida",
    "ines", "ingrid", "isabel", "ivan", "jakob", "jamila", "jan", "joana", "jonas", "judith", "julian", "kaisa",
    "karim", "katrin", "kofi", "laila", "lars", "leonie", "lin", "lucia", "ludwig", "magda", "malik", "marco", "maria",
    "marta", "matilda", "mehmet", "mei", "mira", "nadia", "naomi", "niamh", "nils", "noor", "olga", "oskar", "otto",
    "paula", "pavel", "petra", "priya", "rafael", "ravi", "rosa", "ruth", "samir", "sanna", "saskia", "selma", "sofia",
    "stefan", "tariq", "teresa", "thea", "tomas", "ulla", "vera", "viktor", "wanda", "yara", "yusuf", "zora");

const struct words words_family_names =
    WORDS("abara", "adeyemi", "almeida", "andersen", "aoki", "aydin", "baker", "barros", "basu", "bauer", "becker",
          "bellini", "berg", "bianchi", "blom", "borg", "brandt", "brennan", "byrne", "calvo", "campbell", "castro",
          "chandra", "chen", "costa", "cruz", "dahl", "davies", "delgado", "demir", "diallo", "dubois", "eklund",
          "eriksen", "fabian", "farouk", "ferrari", "fischer", "fletcher", "fonseca", "fournier", "fraser", "gallo",
          "garcia", "gomez", "graf", "greco", "gupta", "haddad", "hansen", "hart", "hassan", "hoffmann", "holm",
          "horvat", "hughes", "ibarra", "iversen", "iyer", "jansen", "joshi", "kaplan", "karlsson", "kaya", "keller",
          "kelly", "khan", "kimura", "koch", "kovac", "kowalski", "krishnan", "lang", "larsen", "laurent", "lehtinen",
          "lindqvist", "lopez", "lund", "mahfouz", "mancini", "marino", "martins", "mbeki", "meyer", "molina", "moreau",
          "moreno", "morgan", "mueller", "murphy", "nakamura", "navarro", "nguyen", "nielsen", "novak", "nowak", "obi",
          "okafor", "okonkwo", "oliveira", "olsen", "ortiz", "osei", "park", "patel", "pavlov", "pereira", "petrov",
          "pinto", "popescu", "quinn", "rahman", "ramos", "reyes", "ricci", "rocha", "romano", "rossi", "saito",
          "salazar", "santos", "sato", "schmidt", "schneider", "sharma", "silva", "singh", "soares", "sorensen",
          "stein", "stewart", "suzuki", "svensson", "szabo", "tanaka", "tran", "vargas", "vasquez", "vega", "virtanen",
          "vogel", "walsh", "weber", "winter", "wolf", "wood", "yamamoto", "yilmaz", "young", "zeman", "ziegler");

const struct script words_scripts[SCRIPTS] = {
    {".", WORDS("анна", "борис", "вера", "глеб", "дарья", "егор", "зоя", "иван", "ксения", "лев", "марина", "олег"),
     WORDS("беляк", "волк", "гончар", "дуб", "журавель", "зима", "коваль", "лис", "мельник", "орлик", "сорока",
           "шевчук")},
    {".",
     WORDS("αθηνά", "άρης", "γιάννα", "δάφνη", "ελένη", "ηλίας", "θάλεια", "κώστας", "μαρία", "νίκος", "σοφία",
           "φώτης"),
     WORDS("αλεξίου", "βλάχου", "γεωργίου", "δήμου", "ιωάννου", "καλλέργη", "λάμπρου", "μιχαήλ", "νικολάου", "παππά",
           "ράπτη", "σταύρου")},
    {"", WORDS("佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺", "山本", "中村", "小林", "加藤", "吉田", "山田"),
     WORDS("美咲", "健太", "陽子", "大輔", "花子", "翔", "結衣", "蓮", "直美", "和也", "桜", "学")},
    {"", WORDS("김", "이", "박", "최", "정", "강", "조", "윤", "장", "임", "한", "오"),
     WORDS("지우", "서연", "민준", "하은", "도윤", "수아", "예준", "지호", "서윤", "은우", "하린", "유진")},
    {"_", WORDS("أحمد", "فاطمة", "يوسف", "ليلى", "عمر", "نور", "خالد", "سلمى", "كريم", "هدى", "سامي", "رنا"),
     WORDS("حداد", "خوري", "نجار", "منصور", "صالح", "فارس", "عباس", "شاهين", "زيدان", "قاسم", "بستاني", "رشيد")},
    {".", WORDS("अनीता", "अर्जुन", "दीपक", "गीता", "हर्ष", "काव्या", "लता", "मीरा", "नीरज", "प्रिया", "रवि", "सुनीता"),
     WORDS("शर्मा", "वर्मा", "गुप्ता", "मेहता", "जोशी", "पटेल", "राव", "नायर", "मिश्रा", "कपूर", "भट्ट", "देसाई")},
};
