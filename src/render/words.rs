//! The words of the interface, by language. Languages without a column are shown in English.

use std::collections::BTreeMap;

/// Key, English, Chinese.
const WORDS: &[(&str, &str, &str)] = &[
    ("skip", "Skip to the text", "跳到正文"),
    ("contents", "Contents", "目录"),
    ("chapters", "Chapters", "章节"),
    ("languages", "Languages", "语言"),
    ("theme", "Light or dark", "浅色或深色"),
    ("menu", "Menu", "菜单"),
    ("previous", "Previous", "上一章"),
    ("next", "Next", "下一章"),
    ("colophon", "Colophon", "关于本书"),
    ("claims", "What the book claims, and what its runs say", "本书的论断与实验的回答"),
    ("anchor", "Link to this section", "本节链接"),
    ("notes", "Notes", "注释"),
    ("back", "Back to the text", "回到正文"),
    (
        "quick",
        "Quick build: fewer seeds and smaller grids than the full book.",
        "快速构建：随机种子和网格都少于完整版。",
    ),
    ("profile", "Built with the profile", "构建所用的配置："),
    ("made_with", "Made with", "生成工具："),
    ("data", "data", "数据"),
    ("show_data", "The numbers behind it", "图中的数据"),
    ("provenance", "Provenance", "来源"),
    ("whole_provenance", "Everything behind it", "完整来源"),
    ("provenance_of", "Provenance:", "来源："),
    ("shown_in", "Shown in", "出现于"),
    ("lineage_file", "provenance as JSON", "来源（JSON）"),
    ("number", "number", "数字"),
    ("place", "declared in", "声明于"),
    ("absent", "not here", "缺失"),
    ("Parameters", "Parameters", "参数"),
    ("Data", "Data", "数据"),
    ("Runs", "Runs", "运行"),
    ("All settings, defaults included", "All settings, defaults included", "全部设置（含默认值）"),
    ("declaration", "Declaration", "声明"),
    ("redo", "Run it again", "重新运行"),
    ("condition", "Condition", "条件"),
    ("chapter", "Chapter", "章"),
    ("section", "Section", "节"),
    ("figure", "Figure", "图"),
    ("table", "Table", "表"),
    ("claim", "Claim", "论断"),
    ("equation", "Equation", "公式"),
    ("experiment", "experiment", "实验"),
    ("dataset", "dataset", "数据集"),
    ("model", "model", "模型"),
    ("confirmed", "confirmed", "成立"),
    ("refuted", "refuted", "被推翻"),
    ("undecided", "undecided", "未定"),
    ("unchecked", "not yet checked", "尚未检验"),
    ("note", "Note", "注"),
    ("tip", "Tip", "提示"),
    ("important", "Important", "重要"),
    ("warning", "Warning", "警告"),
    ("caution", "Caution", "注意"),
    ("runs", "runs", "运行次数"),
    ("run", "run", "运行"),
    ("seeds", "seeds", "随机种子"),
    ("seed", "seed", "随机种子"),
    ("cost", "cost", "开销"),
    ("time", "time", "用时"),
    ("rows", "rows", "行数"),
    ("columns", "columns", "列数"),
    ("classes", "classes", "类别数"),
    ("parameters", "parameters", "参数"),
    ("models", "models", "模型"),
    ("measures", "measures", "度量"),
    ("split", "split", "划分"),
    ("origin", "origin", "出处"),
    ("licence", "licence", "许可"),
    ("digest", "digest", "摘要值"),
    ("version", "version", "版本"),
    ("versions", "versions", "版本"),
    ("key", "key", "键"),
    ("keys", "keys", "键"),
    ("difference", "difference", "差值"),
    ("interval", "interval", "区间"),
    ("effect", "effect", "效应"),
    ("comparison", "comparison", "比较"),
    ("reason", "reason", "原因"),
    ("level", "level", "置信水平"),
    ("method", "method", "方法"),
    ("correction", "correction", "多重检验校正"),
    ("margin", "margin", "界限"),
    ("test", "test", "检验"),
];

/// The interface's words in one language.
#[derive(Debug, Clone)]
pub struct Words {
    chinese: bool,
    table: BTreeMap<&'static str, &'static str>,
}

impl Words {
    /// The words of `language` (`zh`, `zh-CN`, `en`, …).
    pub fn of(language: &str) -> Self {
        let chinese = primary(language) == "zh";
        let table = WORDS.iter().map(|&(key, en, zh)| (key, if chinese { zh } else { en })).collect();
        Self { chinese, table }
    }

    /// The word for `key`, or `key` itself where the interface has none.
    pub fn word<'a>(&self, key: &'a str) -> &'a str {
        self.table.get(key).copied().unwrap_or(key)
    }

    /// All of them, for the templates.
    pub fn table(&self) -> &BTreeMap<&'static str, &'static str> {
        &self.table
    }

    /// `Figure 2.1`; the space does not break.
    pub fn numbered(&self, kind: &'static str, number: &str) -> String {
        match kind {
            "chapter" | "section" if self.chinese => format!("第 {number} {}", self.word(kind)),
            _ => format!("{}\u{a0}{number}", self.word(kind)),
        }
    }

    /// What stands between names in a list.
    pub fn comma(&self) -> &'static str {
        if self.chinese { "、" } else { ", " }
    }
}

/// A language's name in itself; its code where that is not known.
pub fn language_name(language: &str) -> &str {
    match primary(language) {
        "de" => "Deutsch",
        "en" => "English",
        "es" => "Español",
        "fr" => "Français",
        "it" => "Italiano",
        "ja" => "日本語",
        "ko" => "한국어",
        "pt" => "Português",
        "ru" => "Русский",
        "zh" => "中文",
        _ => language,
    }
}

fn primary(language: &str) -> &str {
    language.split(['-', '_']).next().unwrap_or(language)
}
