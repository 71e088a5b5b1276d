"""Which given names are forms of one another, in Dutch, French, German and English.

A line is one name with its short forms and its sisters in other languages; all words of a line may mean one person. A short form
may stand in several lines (Jo is Johan, Jozef or Johanna), so two names are related when they share a line, and being related does not
carry over: Johan and Jozef are two names.
"""

from __future__ import annotations

from collections import defaultdict

LINES = """
johannes jan johan hans jean john johnny jo joe jonny jantje hannes giovanni ivan ian sean juan
jozef jef joseph jos jo josef joe joey sjef jupp sepp jose giuseppe
johanna jo joke hanna hanne anneke joan joanna jeanne jane jannie janneke hannah johanne
jacob jaak jacques jaap jakob james jim jimmy jake coos cobus jacky
jeanpierre jp jeanpi
jeanmarie jm
jeanpaul jpaul
petrus piet pieter peter pierre per pit pete peer pierrot
paulus paul pol pauwel pablo
franciscus frans francis francois frank franz sus cis cisse franky frankie frits fons
franciscus francesco paco
francisca francine francoise siska cisca fran fanny franziska frances
alphonsus alfons fons alphonse
karel karl charles carl charlie chuck charley carlos kareltje
karolien caroline carolien lien carolina carolyn karolina karoline caro lientje
carolus karel carl charles
willem wim will william willy guillaume bill billy wilhelm guy helmut pim liam willi
wilhelmina mina mien willemien wil minnie willy
hendrik henk henri henry rik harry heinrich heinz hein hendrick driek enrique
henriette jet jetje henrietta rietje
lodewijk louis lode luis ludwig lowie ludo lou lewis lewie
louise lou louisa loes lowieke luise lulu
ludovicus ludo louis lodewijk ludovic
lucas luc luk luuk lukas luke luca
lucia lucie lucy lut luce
lutgardis lutgarde lut lutgart lieve
godelieve lieve goele lief
goedele goele
margaretha margriet griet greet margaret marguerite margot grietje greta gretel maggie meg peggy rita margo greetje marge marga margarete
maria mia marie mary mieke mariette rie ria marieke mies maaike marietje maryse miet miriam mimi
marialouise marlies malou
annamaria annemarie marianne
anna an ann anne annie ans anneke anneliese annick anja hannah nancy anouk annette
annelies an lies annelie anneliese annie
annemie an mieke annemieke
martha marthe marta
martina martine tine martien tina
christina tine christine kristien kristin christel stien tina chris kristel kirsten chrissie
christiane chris christiana kristiane
christoffel christophe kristof kris chris christoph toffe christopher topher stof
christiaan kris chris christian kristiaan
elisabeth liesbeth lies els elise bet betty liz lisa beth elsbeth lisbeth elizabeth lizzy babette isabelle bettina lisette eliza elly ella liza liesje
elise lies lise elisa
ellen el elly
eleonora ellen nora leonore nele elly eleonore
helena helene lena leen lenie helen elena ellen hella leni nelly
magdalena magda leen lena madeleine marleen marlene
catharina katrien trien kat katja cathy catherine kathleen katharina karin katelijne kaat tine toos cato kate katie trijn kathy catrien karen
nathalie nath natalie natasja
sofia sofie fie sophie sonja
josephina josephine fien josefien jos josee fientje josefine
adolfina fien
delphina delphine fien
severina severine rine
barbara barb babs bar
patricia patty pat trish
patrick pat paddy pieterjan
veronica veronique vero veronika roni
vera veerle
goswinus gos
nicolaas nicolas nico klaas nick niek niko claus nikolaus nicholas klaus colas niels
nicole nicky nikki
frederik fred frederic freddy fre rik frits friedrich fritz frederick freek
frederika frederique rika fred
alexander alex sander xander alexandre lex sascha sacha alec
alexandra alex sandra alexia sacha xandra
alejandro alex
andreas andre dries andries andy andrew anders drew
andrea drea andree
antonius anton antoon toon tony antoine ton toine anthony antonio teun tonny
antonia toni antoinette tonia
albertus albert bert bart al berten albrecht
adalbert bert
lambertus lambert bert
hubertus hubert bert huub hub
gijsbertus gijsbert bert gijs
norbertus norbert bert
robertus robert bob rob bert bobby robby robin robbe roberto ruppert
rupertus rupert ruprecht
egbertus egbert bert
engelbertus engelbert bert
gilbertus gilbert bert gil
bartholomeus bart bartel barthelemy
bernardus bernard ben bernd bernhard bart benny barry nard
benjamin ben benny benji
benedictus benedikt ben benoit
ruben ben
edward eduard ed eddy ward edouard ted warre teddy eddie
eduardus ward
edgard gard ed
edmond ed mon
guido guy
guilielmus guillaume
michael michiel mike michel michal mich micky mick mickey giel
michelle mich micheline michele
mathias mats thijs matthias mathijs matthew mathieu matthijs matt matteo mathis mathys matisse
mattheus mathieu theo matthew
martinus martin maarten tinus marten
maximiliaan max maxim maxime maximilian maximilien
marcus marc mark marco markus
marcellus marcel cel
mohammed mo mohamed muhammad mehmet momo mohammad
dominicus dominique dominiek domien dominik dom
dirk diederik dieter thierry derek theodoric dietrich
dieter diederick
theodorus theo door dorus theodoor theodore ted fedor
dorothea dora thea dorien dorothee dorothy
theresia theresa trees treesje therese resi tess tessa terry
gerardus gerard gert geert gerrit gerhard gerd gerry ger
godfried godfrey fried
gertrude truus gertrud trudy geertrui truitje gerda
geertruida geertje truus trui
emmanuel manu emanuel manuel
emilius emiel emile miel milo emil mil
emma em emmy
herman man hermann
hermanus herman manus
hermina mina hermien
hieronymus jerome jeroen
joannes jan
jonathan jon jonas nathan jo
joachim jo chim achim joakim
johann jan johan hans
joris george georges jorg juergen jurgen georg sjors
laurens laurent lars lorenz lau lorenzo laurentius laurence
laura lore lauren laurence
leonardus leo leonard leon leendert len lennert lennart
leopold leo pol poldi
lea leah
victor vic viktor
vincent vince vincentius cent
arthur tuur art arturo
stefaan stef steven stefan stephan stephen stijn steve etienne stephane stevie
stephanie stefanie stef fanny steffi
constant stan constantijn stanny
stanislas stan
constantia constance connie
cornelius cornelis kees cor corneel neel nelis cees
cornelia cor nelly nele corrie
adrianus adriaan ad arjan adrien adrian janus
adriana adriane jana ariane
daniel dan daan danny danni
daniella danielle dani
david dave davy
gabriel gab gabi
gabrielle gaby gabi gabriela
gregorius gregoire greg joris gregory
hugo huug hugues
isabella isabelle isa bella isabel belle ysabel
ignatius ignace naas ignaas
jeremias jeremy jeremie
julianus julien julian juul jules
julius jules juul julio
juliana julie julia jul
leopoldine poldine
lieven livinus lievin
philippus filip philippe flip philip fil phil philipp
raphael raf rafael rafe
raymond ray mon
renatus rene
renata renee
richard rik dick rick ricky richie
roland rol roel
rudolf rudi ruud rolf rudy rodolphe
roger rog
rogier rog
samuel sam sammy
samantha sam
sebastiaan bas seb sebastien sebastian bastien bastiaan
simon siemen sim
simonne simone mon
susanna suzanne suzy suus susan suze sanne susanne
sarah sara saar
saskia sas
sylvester silvester vester
sylvia silvia sylvie silvie
thibaut tibo thibault thibo thibaud
thomas tom tommy tomas thom
timotheus tim timothy timo
tobias tobi
urbanus urbain
valentinus valentijn valentin
valerius valere
victoria vicky vic
virginia virginie ginny
walter wout wouter walt wolter gauthier
wolfgang wolf
yvonne yvette
zacharias zach zachary
amelia amelie mel amy
amanda mandy
deborah debby deb
jennifer jenny jen
jessica jess
rebecca becky bekka
kimberly kim
kenneth ken kenny
gwendolyn gwen
evelyn eveline evi eef lien
eva evi eef eve
ilse ils
agnes agnieszka nes
beatrix beatrijs bea beatrice trix
bernadette bernadet detje
brigitta brigitte birgit gitte bridget
cecilia cecile cilia ceciel silke
clara klaar claire klara clare
claudia claude
dina dineke
francesca fran
geraldine dine
hildegard hilde hilda
irena irene
jacqueline jacky line
jeannine jeannin nine
jolanda yolande jolande
laetitia leti
monica monique monika mon
olivier olie oliver
paula paulette pauline
philippina philippa
roberta bobbie
rosalia roos rosa rose roosje rosalie
teresa trees
ursula ulla
wendy wen
yasmina yasmine jasmien jasmine jasmijn
abdelkarim karim
abdallah abdel
fatima fatma fatiha
ayoub youb
aleksandr sasha
"""

# Names of their own that have no other form above: one is never a misspelling of another (Lars, Lara).
OTHERS = """
aaron abel achiel adam adele adil ahmed aisha alain alice alicia alina aline alix amber ambre amina amir amira anais anas annika aron arne
arno astrid aurelie aurore axel axelle aya aylin bao bent bilal bjorn boris bram brecht brent britt camille cas cedric celine chantal
chloe cindy ciska clement cleo cyriel cyril damien daphne dean dennis denis denise desire didier diego dimitri dylan ebe edith elia
elias eline elke elodie els emiel emily enzo erik eric erika esmee estelle esther eugene ewoud fabian fabienne fabrice febe felix
ferre finn fleur flor florence florian floris freek freya gaelle gaston gauthier geoffrey ghislain gitte glenn gunter gustaaf
hakim hamza hannelore hannes harald hassan hedwig heidi helga henny hicham hilal ibrahim ida ilias imane imke imran ina ines inge
ingrid iris isaac ivo ivy jade jana jarne jasper jayden jelle jens jill jirka jonas joost jordi jorik joyce jozefien juna jurgen justine kaan
kaatje kai kamiel katia kato kenza kevin kiana kimi kobe koen koenraad kurt kyara laila lander lara lars lasse leila lena lenn leonie
leonore leyla liana lide lien lily lilou lina linde lindsay lore lorena lotte loic louka luana lucienne luna lyam maaike mads
maelle malik manon mara marcella marco margaux mariam marijke marijn marine marit marjan marleen marnix mathilde maud maura maurice mauro maya
mehdi melanie melissa mia milan mila milou mira mohamed mona moos morgane mustafa nabil nadia nadine naima naomi nadir nathan nele
nena nina nisrine noa noah noe noemie nolan noor nora nore norah nuno odette odile oona oscar oskar osman otis pascal pascale
peggy pepijn petra pieterjan quinten rachel rachid rania reinhilde reinout remi rhune rayan robbert romain roman romy roos rosie rune ryan
sabine safae said salma sam samir sandra sandrine seppe serge sette severine sharon sien sigrid silke sofiane solange
soraya steffi storm sven tania tara tess thalia thea tijl tim timo tine tjorven tom toon tristan tuur valerie vanessa veerle
vera vik viktor ward werner wesley wies willem wouter wout xavier yana yannick yara yaro yentl yoran yorick youssef yusuf yves zakaria zeno zita
zoe zohra
"""

_WORDS = [line.split() for line in LINES.split("\n")]
_lines: dict[str, set[int]] = defaultdict(set)
for _number, _line in enumerate(_WORDS):
    for _word in _line:
        _lines[_word].add(_number)


_others = frozenset(OTHERS.split())


def known(name: str) -> bool:
    """Whether a name, as plain letters, is a name of its own rather than a slip."""
    return name in _lines or name in _others


def related(one: str, other: str) -> bool:
    """Whether two names, as plain letters, may be forms of one name."""
    return not _lines.get(one, set()).isdisjoint(_lines.get(other, set()))


def forms(name: str) -> set[str]:
    """All names that share a line with a name."""
    return {word for number in _lines.get(name, ()) for word in _WORDS[number]}
