<?php
// Reads a template as Zabbix' frontend does at an import, by its own classes: php zabbix-template.php FRONTEND FILE.
// Prints what is wrong, one a line, and ends with 1; or "items triggers", and ends with 0.
[, $frontend, $file] = $argv;
chdir($frontend);
error_reporting(E_ALL & ~E_DEPRECATED);
require_once 'include/classes/core/CAutoloader.php';
$folders = [];
foreach (new RecursiveIteratorIterator(new RecursiveDirectoryIterator('include/classes', FilesystemIterator::SKIP_DOTS)) as $each)
	$folders[$each->getPath()] = true;
$autoloader = new CAutoloader;
$autoloader->addNamespace('', array_keys($folders));
$autoloader->register();
require_once 'vendor/autoload.php';
require_once 'include/defines.inc.php';
require_once 'include/func.inc.php';
require_once 'include/gettextwrapper.inc.php';
require_once 'include/locales.inc.php';

function fail(string $text): never {
	fwrite(STDOUT, "$text\n");
	exit(1);
}

try {
	$data = CImportReaderFactory::getReader(CImportReaderFactory::YAML)->read(file_get_contents($file));
	$validator = new CXmlValidator(new CImportValidatorFactory(CImportReaderFactory::YAML), CImportReaderFactory::YAML);
	$data = $validator->validate($data, '/');
}
catch (Exception $error) {
	fail($error->getMessage());
}

// Trigger expressions, and the patterns of preprocessing, are checked after the form, by the API.
$items = 0;
$triggers = 0;
$parser = new CExpressionParser(['usermacros' => true, 'lldmacros' => true]);
$pattern = new CPrometheusPatternParser(['usermacros' => true, 'lldmacros' => true]);
$walk = function (array $node) use (&$walk, &$items, &$triggers, $parser, $pattern): void {
	if (isset($node['expression'])) {
		$triggers++;
		if ($parser->parse($node['expression']) != CParser::PARSE_SUCCESS) fail("{$node['expression']}: ".$parser->getError());
	}
	if (isset($node['key']) && isset($node['uuid'])) {
		$items++;
			if ((new CItemKey)->parse($node['key']) != CParser::PARSE_SUCCESS) fail("{$node['key']}: no item key");
		foreach ($node['preprocessing'] ?? [] as $step) {
			$text = array_values($step['parameters'])[0];
			if ($pattern->parse($text) != CParser::PARSE_SUCCESS) fail("$text: no Prometheus pattern");
		}
	}
	foreach ($node as $each) if (is_array($each)) $walk($each);
};
$walk($data['zabbix_export']);
print("$items $triggers\n");
